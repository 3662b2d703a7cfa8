"""make helm-check (deploy/host/helm-check.sh): lint, the matrix of values against Kubernetes' schemas and our own
rules, golden renderings, refusals, the environment. --update regenerates the schemas and golden files."""

import re
import sys
import tempfile
from pathlib import Path

import environment
import live
import planted
import rules
import schema_check
import schemas
import yaml
from helm import CHARTS, ROOT, manifests, render, run
from matrix import FIXED, GOLDEN, MATRIX, REFUSED

VERSIONS = ["1.29", "1.30", "1.31", "1.32", "1.33"]
HERE = Path(__file__).resolve().parent
failures = []


def attempt(what, function, *arguments):
    """Its result, or None after a failure, which is printed and counted."""
    try:
        return function(*arguments)
    except Exception as error:
        if not isinstance(error, AssertionError):
            error = repr(error)
        failures.append(what)
        print(f"FAILED {what}: {error}")
        return None


def combination(name):
    """One line of the table."""
    chart, arguments = MATRIX[name]
    valid, count, variables = [], 0, 0
    for version in VERSIONS:
        items = manifests(render(chart, tuple(arguments), version))
        for item in items:
            schema_check.check(item, version)
        for rule in rules.ALL:
            try:
                rule(items)
            except AssertionError as error:
                raise AssertionError(f"{rule.__name__} in {version}: {error}") from error
        valid.append(version)
        count = len(items)
    variables = environment.check_rendering(items, name)
    return f"{name:28} {count:9} {variables:9}  {', '.join(valid)}: ok"


def lint(chart, arguments):
    code, out, said = run("lint", "--strict", str(CHARTS / chart), *arguments)
    assert code == 0, out + said


def golden_path(name):
    return HERE / "golden" / (re.sub(r"[^a-z0-9]+", "-", name) + ".yaml")


def golden_text(name):
    """The rendering without the migrations and the sample's text, which rules compare with the files themselves."""
    chart, arguments = MATRIX[name]
    items = manifests(render(chart, tuple(arguments), VERSIONS[-1]))
    for item in items:
        if item["kind"] == "ConfigMap":
            item["data"] = "left out"
    text = yaml.safe_dump_all(items, width=120, sort_keys=False)
    return re.sub(r"wanted=\d+|checksum/csv: .*", "left out", text)


def golden(name):
    path, now = golden_path(name), golden_text(name)
    if not path.exists() or path.read_text() != now:
        where = first_difference(path.read_text(), now) if path.exists() else ""
        raise AssertionError(
            f"{path.relative_to(ROOT)} differs {where}(deploy/host/helm-check.sh --update, then read git diff)"
        )


def first_difference(old, new):
    for number, (before, after) in enumerate(zip(old.splitlines(), new.splitlines(), strict=False), 1):
        if before != after:
            return f"in line {number}: {before!r} became {after!r} "
    return "at its end "


def refused(chart, arguments, reason):
    code, _, said = run("template", "prompted", str(CHARTS / chart), *arguments)
    assert code != 0, f"{' '.join(arguments)} was accepted"
    assert reason in said, f"{' '.join(arguments)}: {said}"


def schemas_are_current():
    for path, text in schemas.make(ROOT).items():
        assert path.exists() and path.read_text() == text, (
            f"{path.relative_to(ROOT)} differs (deploy/host/helm-check.sh --update)"
        )


def packages_are_whole():
    """The archives of make helm-package render as the charts do."""
    for chart, archive in [("umbrella", "prompted"), *((name, name) for name in schemas.SERVICES)]:
        arguments = tuple(FIXED) if chart == "umbrella" else ()
        packed = render(str(CHARTS.parent / f"{archive}-1.0.0.tgz"), arguments, "1.33")
        assert packed == render(chart, arguments, "1.33"), chart


def numbers_stay_whole():
    """YAML's numbers are floats to Helm: none may arrive as 2e+06."""
    chart, arguments = MATRIX["large numbers"]
    text = render(chart, tuple(arguments), VERSIONS[-1])
    assert '{ name: MQ_BUFFER_CAPACITY, value: "2000000" }' in text and "runAsUser: 1000650000" in text
    assert not (found := re.search(r".*\de\+\d.*", text)), found.group(0)


def long_names_fit():
    """Of the longest release that Helm takes: 63 characters are a label's limit, which names of pods and Jobs go
    into."""
    code, out, said = run("template", "r" * 53, str(CHARTS / "umbrella"), *FIXED)
    assert code == 0, said
    most = {"StatefulSet": 52, "Deployment": 52, "Job": 57}  # its pods' suffixes, or the revision's digits, come after
    for item in manifests(out):
        name = item["metadata"]["name"]
        assert len(name) <= most.get(item["kind"], 63), f"{item['kind']} {name} has {len(name)} characters"


def large_file(arguments, place):
    path = Path(place) / "large.csv"
    path.write_text("gpu_id\n" + "GPU-a\n" * 200_000)
    return [argument.replace("LARGE", str(path)) for argument in arguments]


def update():
    for path, text in schemas.make(ROOT).items():
        path.write_text(text)
    for name in GOLDEN:
        golden_path(name).write_text(golden_text(name))


def main():
    if "--update" in sys.argv[1:]:
        update()
    print(f"{'values':28} {'manifests':>9} {'variables':>9}  valid for Kubernetes")
    for name in MATRIX:
        line = attempt(name, combination, name)
        if line:
            print(line, flush=True)
    for name, (chart, arguments) in MATRIX.items():
        attempt(f"helm lint --strict: {name}", lint, chart, arguments)
    for name in GOLDEN:
        attempt(f"golden: {name}", golden, name)
    with tempfile.TemporaryDirectory() as place:
        for chart, arguments, reason in REFUSED:
            attempt(f"refused: {' '.join(arguments)[:100]}", refused, chart, large_file(arguments, place), reason)
    for check in (
        schemas_are_current,
        packages_are_whole,
        numbers_stay_whole,
        long_names_fit,
        environment.check_itself,
    ):
        attempt(check.__name__, check)
    faults = attempt("planted faults", planted.check)
    in_compose = attempt("docker-compose.yaml", environment.check_compose)
    ran = attempt("live", live.check)
    print(
        f"lint --strict: {len(MATRIX)} combinations; golden: {len(GOLDEN)}; "
        f"refused with a clear message: {len(REFUSED)}; planted faults found: {faults}; "
        f"variables of docker-compose.yaml: {in_compose}; {ran}"
    )
    print(f"helm-check: {'ok' if not failures else f'{len(failures)} FAILED'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
