"""Requests made for every operation, derived only from its documentation."""

from client import examples
from values import COMPANIONS, NEVER_WITH_OTHERS, OPAQUE, bad_values, good_values, parameter_type, wrong_members

OK = (200,)
REFUSED = (400,)


def optional(operation, place="query"):
    return [parameter for parameter in operation.parameters if parameter["in"] == place]


def documented_example(caller, operation):
    """As documented, without anything optional. `extend`'s example names a lease that nobody has: its 409 is documented
    too."""
    caller.call(
        operation,
        body=operation.body_example,
        expect=OK + ((409,) if "409" in operation.spec["responses"] else ()),
        say="the documented example",
    )


def good_parameters(caller, operation):
    for parameter in optional(operation):
        name = parameter["name"]
        if name in OPAQUE:
            continue
        for value in good_values(parameter):
            caller.call(operation, {name: value, **COMPANIONS.get(name, {})}, body=operation.body_example, expect=OK)
        caller.call(operation, {name: ""}, body=operation.body_example, expect=OK, say="an empty one counts as absent")
    for parameter in optional(operation, "header"):
        for value in good_values(parameter):
            caller.call(operation, body=operation.body_example, headers={parameter["name"]: value}, expect=OK)


def all_parameters(caller, operation):
    """Each optional one at once, with its example or first good value."""
    query = {
        parameter["name"]: good_values(parameter)[0]
        for parameter in optional(operation)
        if parameter["name"] not in OPAQUE + NEVER_WITH_OTHERS
    }
    if len(query) > 1:
        caller.call(operation, query, body=operation.body_example, expect=OK, say="all parameters")


def bad_parameters(caller, operation):
    for parameter in optional(operation):
        name = parameter["name"]
        for value in bad_values(parameter):
            caller.call(
                operation,
                {name: value, **COMPANIONS.get(name, {})},
                body=operation.body_example,
                expect=REFUSED,
                names=name,
            )
    for parameter in optional(operation, "header"):
        for value in bad_values(parameter):
            if isinstance(value, str) and value.isprintable():
                caller.call(
                    operation,
                    body=operation.body_example,
                    headers={parameter["name"]: value},
                    expect=REFUSED,
                    names=parameter["name"],
                )
    for parameter in optional(operation, "path"):
        schema, _ = parameter_type(parameter)
        for value in ("x" * (schema["maxLength"] + 1), "a\0b"):
            caller.call(
                operation,
                path={**examples(operation, "path"), parameter["name"]: value},
                expect=REFUSED,
                names=parameter["name"],
            )
    if optional(operation):
        caller.call(operation, {"misspelt": "1"}, body=operation.body_example, expect=REFUSED, names="misspelt")


def bad_bodies(caller, operation):
    if operation.body_schema is None:
        return
    caller.call(operation, body=b"{", expect=REFUSED, names="invalid JSON")
    caller.call(operation, body=b"[]", expect=REFUSED)
    schema, example = operation.document.resolve(operation.body_schema), operation.body_example
    for name in example:
        body = {key: value for key, value in example.items() if key != name}
        # What the schema does not require may be absent; the call itself compares schema and answer.
        required = name in schema.get("required", [])
        caller.call(operation, body=body, expect=REFUSED if required else None, names=name if required else None)
    for name, value in wrong_members(schema):
        caller.call(operation, body={**example, name: value}, expect=REFUSED, names=name)


def too_big(caller, operation):
    """By its declared length, so nothing of it is sent."""
    caller.call(operation, headers={"Content-Length": str(1 << 30)}, expect=(413,))
    caller.call(
        operation, body=operation.body_example, headers={"X-Long": "x" * (1 << 17)}, expect=(431,), say="long header"
    )


def from_other_sites(caller, operation):
    caller.call(
        operation, body=operation.body_example, headers={"Host": "other.example"}, expect=(421,), say="another host"
    )
    if operation.method != "GET":
        caller.call(
            operation,
            body=operation.body_example,
            headers={"Origin": "https://other.example"},
            expect=(403,),
            say="another site",
        )


def ask_everything(caller, operation):
    from_other_sites(caller, operation)
    documented_example(caller, operation)
    good_parameters(caller, operation)
    all_parameters(caller, operation)
    bad_parameters(caller, operation)
    bad_bodies(caller, operation)


def without_postgres(caller, operation):
    """Nothing but what is documented, and no internals."""

    def discreet(answer):
        return [
            f"an answer tells internals: {word}"
            for word in ("SELECT", "INSERT", "libpq", "/tmp/", "postgres://")
            if word.encode() in answer.body and answer.status >= 400
        ]

    caller.call(operation, body=operation.body_example, also=discreet, say="PostgreSQL is away")
