"""Values for declared parameters and body members, made from their schemas."""

import uuid

# What a schema cannot say: parameters that mean something only beside another one, or never beside it.
COMPANIONS = {"agg": {"step": "1m"}}
NEVER_WITH_OTHERS = ("window",)  # it takes the place of start_time
OPAQUE = ("cursor",)  # good ones come from answers
DURATIONS = ("500ms", "90s", "1m30s", "7d")


def parameter_type(parameter):
    """The schema of one value, and how many of them a request may have."""
    schema = parameter["schema"]
    return (schema["items"], schema["maxItems"]) if schema["type"] == "array" else (schema, 1)


def good_values(parameter):
    """Each must be accepted. Lists are several values of a repeatable one."""
    schema, most = parameter_type(parameter)
    example = parameter.get("example")
    values = [] if example is None else [example] if most == 1 else [example, ["first", "second"]]
    if "enum" in schema:
        return values + schema["enum"]
    if schema["type"] == "boolean":
        return values + ["true", "false"]
    if schema["type"] == "integer":
        return values + [schema["minimum"], schema["maximum"]]
    if schema.get("format") == "date-time":
        return values + ["2026-02-15t12:00:00.1234567z", "2026-02-15T12:00:00+02:00", "2026-02-15 12:00:00-00:30"]
    if schema.get("format") == "uuid":
        return values + [str(uuid.UUID(int=7, version=4))]
    if "maxLength" in schema:
        return values + ["a b&c=d/é+%", "ü" * min(schema["maxLength"], 256)]
    if "ms|" in schema.get("pattern", ""):
        return values + list(DURATIONS)
    return values


def bad_values(parameter):
    """Each must be refused, with the parameter's name."""
    schema, most = parameter_type(parameter)
    values = [["x"] * (most + 1)] if most > 1 else [["1", "1"]]  # given twice
    if parameter["name"] in OPAQUE:
        values += ["nonsense", "%"]
    if "enum" in schema:
        values += ["nonsense", schema["enum"][0].upper() + " "]
    elif schema["type"] == "boolean":
        values += ["yes", "TRUE", "2"]
    elif schema["type"] == "integer":
        values += ["many", "1.5", "1e2", str(schema["minimum"] - 1), str(schema["maximum"] + 1), "9" * 30]
    elif schema.get("format") == "date-time":
        values += [
            "yesterday",
            "2026-02-30T00:00:00Z",
            "2026-02-15",
            "2026-02-15T25:00:00Z",
            "1771150800",
            "2026-02-15T12:00:00",
        ]
    elif schema.get("format") == "uuid":
        values += ["nonsense", "3f8b82b7-90bf-735e-8960-97943c72b6bg"]
    elif "ms|" in schema.get("pattern", ""):
        values += ["soon", "0s", "-5m", "15", "1.5h", "999999d"]
    if "maxLength" in schema:
        values += ["x" * (schema["maxLength"] + 1), "a\0b"]
    return values


def wrong_members(schema):
    """(name, value) of body members whose value is of another type than declared."""
    wrong = {"string": 5, "integer": "many", "number": "many", "boolean": "maybe", "array": "one", "object": []}
    for name, member in schema.get("properties", {}).items():
        if "type" in member:
            yield name, wrong[member["type"]]
            if not member.get("nullable"):
                yield name, None
        if "minimum" in member:
            yield name, member["minimum"] - 1
        if "maximum" in member:
            yield name, member["maximum"] + 1
        if member.get("items", {}).get("format") == "uuid":
            yield name, ["nonsense"]
