"""Contract suites that authors of parts run on their own parts, with pytest.

from designloop.testing import LanguageModelContract, OracleContract

class TestMyOracle(OracleContract):
    oracle = "path/to/my_oracle.py:my_function"      # or an instance, or a method or a fixture that returns one

class TestMyModel(LanguageModelContract):
    model = "path/to/my_model.py:MyModel"            # likewise
"""

try:
    from designloop.testing.language_models import LanguageModelContract
    from designloop.testing.oracles import OracleContract
except ModuleNotFoundError as error:
    if error.name != "pytest":
        raise
    raise ImportError("the contract suites need pytest: pip install pytest") from error

__all__ = ["LanguageModelContract", "OracleContract"]
