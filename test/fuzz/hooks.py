# Loaded by schemathesis: signs each request in as somebody who may make it, at times as somebody who may not, signs the district's
# deliveries, and counts what was asked and answered. No chance of its own: what it picks follows from the request.
import atexit
import base64
import collections
import datetime
import hashlib
import hmac
import json
import os
import time

import schemathesis
from hypothesis import strategies as st

WORLD = json.load(open(os.environ["DAOCHA_FUZZ_WORLD"], encoding="utf-8"))
CORRECTED = {"correctHazard": "hazard", "correctInspection": "inspection"}
COUNTED = collections.defaultdict(collections.Counter)


def number(case):
    """The same number for the same request."""
    said = repr((case.operation.label, case.path_parameters, case.query, case.headers, case.body))
    return int.from_bytes(hashlib.sha256(said.encode("utf-8", "backslashreplace")).digest()[:4], "big")


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


# What is refused although each part of it is as described: two parts do not go together, or the record does not have what is named.
TOGETHER = {
    None: {"cursor", "on", "knownAt", "atLeast"},
    "listAccesses": {"unit", "until"},
    "getProof": {"size"},
    "getConsistency": {"from"},
    **{name: {"dueBefore", "sort"} for name in ("listHazards", "listRisks", "listClosedLoop", "exportRisks", "exportClosedLoop")},
    "addCosignatures": {"cosignatures"},
    "launchCampaign": {"tracks", "organisations", "operations", "to"},
    "recordInspection": {"evidence"},
}
STANDING = ("unknown ", "was never published", "system:", "is not a ", "belongs to ", "is not listed", "names the file ", "has not come yet", " twice", "on record", "private characters")


# It looks at the format alone; where the pattern asks for milliseconds and Z, only such moments are as described.
schemathesis.openapi.format(
    "date-time",
    st.builds(
        lambda at, ms: at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms:03}Z",
        st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2030, 1, 1)),
        st.integers(0, 999),
    ),
)
schemathesis.openapi.format(
    "date", st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1)).map(datetime.date.isoformat)
)


@schemathesis.check
def described_is_taken(ctx, response, case):
    """A request that is as the document describes it is not answered with 400."""
    if response.status_code != 400 or not is_positive(case):
        return
    problem = response.json()
    operation = case.operation.definition.raw.get("operationId", "")
    if problem.get("field") in TOGETHER[None] | TOGETHER.get(operation, set()):
        return
    if operation.startswith("correct") and str(problem.get("field", "")).startswith("changes["):
        return  # what is right there depends on which field is corrected
    if any(word in problem["detail"] for word in STANDING):
        return
    raise AssertionError("as described, and refused: " + problem["detail"])


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId", "")
    headers = case.headers if case.headers is not None else {}
    case.headers = headers
    nth = number(case)
    tokens = WORLD["tokens"].get(operation)
    if tokens and "Authorization" not in headers:
        if nth % 32 == 0:
            tokens = WORLD["others"]
        if nth % 64 != 1:
            headers["Authorization"] = "Bearer " + tokens[nth % len(tokens)]
    if is_positive(case) and "X-Access-Ground" in {p["name"] for p in case.operation.definition.raw.get("parameters", [])}:
        headers["X-Access-Ground"] = "case-2025-17"
    if nth % 4 and isinstance(case.body, dict) and is_positive(case) and operation != "setTarget":
        known = WORLD["fields"]
        case.body = {
            key: known[key][nth % len(known[key])] if isinstance(value, str) and key in known else value
            for key, value in case.body.items()
        }
        if operation in CORRECTED and "target" in case.body:
            case.body["target"] = f"{CORRECTED[operation]}/{case.path_parameters['id']}/1"
    if operation == "districtWebhook" and nth % 4 and isinstance(case.body, (dict, list)):
        # as it will be sent
        case.body = json.loads(json.dumps(case.body))
        body = json.dumps(case.body).encode()
        stamp = str(int(time.time()))
        key = base64.b64decode(WORLD["secret"].removeprefix("whsec_"))
        signed = hmac.digest(key, f"fuzz-{nth}.{stamp}.".encode() + body, "sha256")
        headers["webhook-id"] = f"fuzz-{nth}"
        headers["webhook-timestamp"] = stamp
        headers["webhook-signature"] = "v1," + base64.b64encode(signed).decode()


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation.definition.raw.get("operationId", case.operation.label)
    COUNTED[operation][str(response.status_code)] += 1


def report():
    with open(os.environ["DAOCHA_FUZZ_COUNTS"], "w", encoding="utf-8") as file:
        json.dump(COUNTED, file)


atexit.register(report)
