"""Contract suites that authors of parts run on their own parts, with pytest.

from designloop.testing import AcquisitionContract, OracleContract, LanguageModelContract, StrategyContract
from designloop.testing import SchedulerContract, StageContract, SurrogateContract

class TestMyOracle(OracleContract):
    oracle = "path/to/my_oracle.py:my_function"      # or an instance, or a method or a fixture that returns one

class TestMyModel(LanguageModelContract):
    model = "path/to/my_model.py:MyModel"            # likewise

class TestMySurrogate(SurrogateContract):
    surrogate = "path/to/my_surrogate.py:MySurrogate"

class TestMyStrategy(StrategyContract):
    strategy = "path/to/my_strategy.py:MyStrategy"

class TestMyAcquisition(AcquisitionContract):
    acquisition = "path/to/my_acquisition.py:MyAcquisition"

class TestMyScheduler(SchedulerContract):
    scheduler = "path/to/my_scheduler.py:MyScheduler"

class TestMyStage(StageContract):
    stage = "path/to/my_stage.py:MyStage"
"""

try:
    from designloop.testing.acquisitions import AcquisitionContract
    from designloop.testing.language_models import LanguageModelContract
    from designloop.testing.oracles import OracleContract
    from designloop.testing.schedulers import SchedulerContract
    from designloop.testing.stages import StageContract
    from designloop.testing.strategies import StrategyContract
    from designloop.testing.surrogates import SurrogateContract
except ModuleNotFoundError as error:
    if error.name != "pytest":
        raise
    raise ImportError("the contract suites need pytest: pip install pytest") from error

__all__ = [
    "AcquisitionContract",
    "LanguageModelContract",
    "OracleContract",
    "SchedulerContract",
    "StageContract",
    "StrategyContract",
    "SurrogateContract",
]
