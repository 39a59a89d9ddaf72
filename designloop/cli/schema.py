"""`designloop schema`: what the file of a campaign or a study may say, as JSON Schema."""

from json import dumps

from designloop.core.errors import InputError, did_you_mean


def print_schema(of: str) -> None:
    """The JSON Schema of a campaign, or of a study."""
    from designloop.cli.parts import DESCRIPTIONS
    from designloop.core.schema import schema_of

    if of not in DESCRIPTIONS:
        raise InputError(f"no schema of '{of}'{did_you_mean(of, DESCRIPTIONS)}")
    print(dumps(schema_of(DESCRIPTIONS[of]()), indent=2))
