"""Verifies, by what docs/auditing.md and decision 035 say alone, that a unit's bundle holds every event that its index lists.

python3 index_check.py DIR → one line of JSON, exit 0; or what is wrong, exit 1. It takes the events as they are: that they are in the
signed log, `daocha audit verify` or a C2SP tool says. Shares no code with daocha.
"""
import base64
import hashlib
import json
import pathlib
import sys


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def fail(message):
    sys.exit(message)


def stretches(size):
    found, start, level = [], 0, 0
    while 256 * 8 ** (level + 1) <= size:
        level += 1
    while level >= 0:
        width = 256 * 8**level
        while start + width <= size:
            found.append((start, start + width))
            start += width
        level -= 1
    return found + ([(start, size)] if start < size else [])


def bit(key, n):
    return key[n // 8] >> (7 - n % 8) & 1


def block_root(block, key, start, end):
    if not block:
        return bytes(32)
    if "positions" in block:
        listed = block["positions"]
        if not listed or listed != sorted(set(listed)) or listed[0] < start or listed[-1] >= end:
            fail(f"block {start}: positions")
        each = [n.to_bytes(8, "big") for n in listed]
        at, value = key, bytes(24) + each[0] if len(each) == 1 else sha(b"\x12", *each)
    else:
        at, value = (base64.b64decode(block["other"][name], validate=True) for name in ("key", "list"))
        if at == key or len(at) != 16 or len(value) != 32:
            fail(f"block {start}: other")
    digest, below = sha(b"\x10", at, value), 128
    path = base64.b64decode(block.get("path", ""), validate=True)
    for n in range(0, len(path), 33):
        split, side = path[n], path[n + 1 : n + 33]
        if split >= below or len(side) != 32 or bit(at, split) != bit(key, split):
            fail(f"block {start}: path")
        pair = (side, digest) if bit(at, split) else (digest, side)
        digest, below = sha(b"\x11", bytes([split]), *pair), split
    return digest


def subjects(event):
    tenant, category, name = event["stream"].split("#")
    kinds = {"inspection": "inspection", "hazard": "hazard", "escalation": "escalation", "report": "report", "roster": "organisation"}
    found = {f"{kinds[category]}/{name}"} if category in kinds else set()
    if "unit" in event or category == "unit":
        found.add(f"unit/{event.get('unit', name)}")
    if "organisation" in event:
        found.add(f"organisation/{event['organisation']}")
    people = [event["actor"].get("person"), event["actor"].get("onBehalfOf"), event["data"].get("person")]
    return found | {f"person/{one}" for one in people if isinstance(one, str) and not one.lower().startswith("system:")}


def main(directory):
    root = pathlib.Path(directory)
    info = json.loads((root / "bundle.json").read_bytes())
    proof = json.loads((root / "index/proof.json").read_bytes())
    leaves = {int(path.stem): json.loads(path.read_bytes()) for path in (root / "leaves").iterdir()}
    seal = leaves[info["index"]["position"]]
    subject = f"unit/{info['scope']['unit']}"
    size = seal["data"]["size"]
    if seal["type"] != "IndexSealed" or (proof["subject"], proof["size"]) != (subject, size):
        fail("the proof is not about this unit and this seal")
    blocks = stretches(size)
    if len(blocks) != len(proof["blocks"]):
        fail("blocks")
    key = sha(b"daocha/index/subject\n", subject.encode())[:16]
    roots = [block_root(one, key, *where) for one, where in zip(proof["blocks"], blocks)]
    if sha(b"daocha/index/v1\n", size.to_bytes(8, "big"), *roots).hex() != seal["data"]["root"]:
        fail("the root is not the one that was sealed")
    listed = {n for one in proof["blocks"] for n in one.get("positions", [])}
    own = {n for n, event in leaves.items() if subject in subjects(event)}
    if listed - own or {n for n in own if n < size} - listed:
        fail(f"missing {sorted(listed - own)}, not listed {sorted({n for n in own if n < size} - listed)}")
    print(json.dumps({"subject": subject, "size": size, "events": len(listed), "unindexed": len(own - listed)}))


main(sys.argv[1])
