"""`designloop schema`: the JSON Schema of a campaign or a study."""

from json import dumps

from designloop.core.errors import InputError, did_you_mean


def print_schema(of: str) -> None:
    """Print the JSON Schema of a campaign or a study."""
    from designloop.cli.parts import DESCRIPTIONS
    from designloop.core.schema import schema_of

    if of not in DESCRIPTIONS:
        raise InputError(f"unknown schema '{of}'{did_you_mean(of, DESCRIPTIONS)}")
    print(dumps(schema_of(DESCRIPTIONS[of]()), indent=2))
