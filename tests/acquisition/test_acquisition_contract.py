"""The suite that authors run on their own acquisition functions, over the whole shelf."""

import pytest
from test_acquisition_laws import EVERY

from designloop.acquisition.base import Acquisition
from designloop.testing import AcquisitionContract


class TestEveryAcquisition(AcquisitionContract):
    """With the settings of the laws."""

    @pytest.fixture(params=list(EVERY), autouse=True)
    def acquisition(self, request: pytest.FixtureRequest) -> Acquisition:
        return EVERY[request.param]
