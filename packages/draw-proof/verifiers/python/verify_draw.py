#!/usr/bin/env python3
"""Checks the transcript of a draw. Written from docs/draw-proof.md alone; needs nothing but Python 3.8 or newer.

verify_draw.py transcript.json                 says each check in a line; ends with 0 when every check holds, 2 when all that was checked holds
verify_draw.py transcript.json receipt.json    holds a receipt against it as well
verify_draw.py --lines                         reads one transcript a line, answers one line of JSON for each
verify_draw.py --receipts                      the same for { "transcript", "receipt", "consumerId" or null }
"""

import base64
import datetime
import hashlib
import hmac
import json
import re
import struct
import sys
import uuid

CLASSES = 6
QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", re.ASCII)
HEX = re.compile(r"^[0-9a-f]*$")


class Malformed(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


def text_hash(text):
    return sha256(text.encode("utf-8")).hex()


def need(condition):
    if not condition:
        raise Malformed()


def is_hex(value, size):
    return isinstance(value, str) and len(value) == 2 * size and HEX.match(value) is not None


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def is_instant(value):
    return isinstance(value, str) and INSTANT.match(value) is not None


def integer(digits):
    need(-(2**53) < int(digits) < 2**53)
    return int(digits)


def no_integer(digits):
    raise Malformed()


def read_plain(text):
    """What a text says, which has to be the one text that says it."""
    try:
        text.encode("utf-8")
        members = json.loads(text, parse_int=integer, parse_float=no_integer, parse_constant=no_integer)
        need(json.dumps(members, ensure_ascii=False, separators=(",", ":")) == text)
    except (ValueError, RecursionError):
        raise Malformed()
    return members


def statement(value, kind):
    """The members of a statement's text."""
    need(isinstance(value, dict))
    need(all(isinstance(value.get(name), str) for name in ("text", "signature", "keyId")))
    members = read_plain(value["text"])
    need(isinstance(members, dict) and members.get("format") == "fanfare-draw-%s/1" % kind)
    need(isinstance(members.get("drawId"), str))
    return members


def read_commitment(value):
    it = statement(value, "commitment")
    need(isinstance(it.get("organizationId"), str))
    need(all(is_instant(it.get(name)) for name in ("committedAt", "opensAt", "closesAt", "drawsAt")))
    need(is_count(it.get("winnerCount")) and isinstance(it.get("continueSelecting"), bool) and is_hex(it.get("seedHash"), 32))
    weighting = it.get("weighting")
    need(isinstance(weighting, dict) and weighting.get("rule") in ("equal", "luck_balancing"))
    need(weighting["rule"] == "equal" or (is_count(weighting.get("maxWeight")) and weighting["maxWeight"] >= 1))
    beacon = it.get("beacon", 0)
    if beacon is not None:
        need(isinstance(beacon, dict) and is_hex(beacon.get("chainHash"), 32) and is_count(beacon.get("round")) and is_instant(beacon.get("at")))
    previous = it.get("previous", 0)
    need(previous is None or is_hex(previous, 32))
    return it


def read_closing(value):
    it = statement(value, "closing")
    need(is_hex(it.get("commitment"), 32) and is_instant(it.get("closedAt")) and is_count(it.get("entries")) and is_hex(it.get("root"), 32))
    return it


def read_result(value):
    it = statement(value, "result")
    need(is_hex(it.get("closing"), 32) and is_instant(it.get("drawnAt")) and is_hex(it.get("seed"), 32))
    beacon = it.get("beacon", 0)
    need(beacon is None or (isinstance(beacon, dict) and is_count(beacon.get("round")) and isinstance(beacon.get("signature"), str)))
    need(isinstance(it.get("winners"), list) and all(is_count(ticket) for ticket in it["winners"]))
    cutoff = it.get("cutoff", 0)
    need(cutoff is None or is_hex(cutoff, 32))
    return it


def read_continuation(value):
    it = statement(value, "continuation")
    need(is_hex(it.get("previous"), 32) and is_instant(it.get("at")) and is_hex(it.get("cutoff"), 32))
    for name in ("unclaimed", "withdrawn", "winners"):
        need(isinstance(it.get(name), list) and all(is_count(ticket) for ticket in it[name]))
    return it


def root_of(leaves):
    """RFC 9162, section 2.1.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:]))


def score_of(key, entry):
    weight = struct.unpack(">H", entry[32:34])[0]
    return min(hmac.new(key, entry[:32] + struct.pack(">H", k), hashlib.sha256).digest() for k in range(weight))


def signature_of(result):
    if result["beacon"] is None:
        return None
    text = result["beacon"]["signature"]
    return bytes.fromhex(text) if is_hex(text, len(text) // 2) else False


def max_weight(commitment):
    weighting = commitment["weighting"]
    return 1 if weighting["rule"] == "equal" else weighting["maxWeight"]


def kept(texts, commitments, closing):
    for at in range(1, len(commitments)):
        before, it = commitments[at - 1], commitments[at]
        if it["previous"] != text_hash(texts[at - 1]) or it["committedAt"] < before["committedAt"]:
            return False
        same = ["drawId", "organizationId", "seedHash"]
        chain = lambda one: one["beacon"] and one["beacon"]["chainHash"]
        moment = lambda one: one["beacon"] and (one["beacon"]["round"], one["beacon"]["at"])
        if it["committedAt"] < before["opensAt"]:
            if it["committedAt"] > it["opensAt"]:
                return False
        else:
            same += ["opensAt", "winnerCount", "continueSelecting"]
            if (before["weighting"]["rule"], max_weight(before)) != (it["weighting"]["rule"], max_weight(it)) or chain(before) != chain(it):
                return False
            if it["committedAt"] > closing["closedAt"]:
                same += ["closesAt"]
                if moment(before) != moment(it):
                    return False
        if any(before[name] != it[name] for name in same):
            return False
    return True


def closed(texts, commitments, closing):
    in_force = [at for at, it in enumerate(commitments) if it["committedAt"] <= closing["closedAt"]]
    if not in_force:
        return False
    at = in_force[-1]
    due = max(commitments[at]["opensAt"], commitments[at]["closesAt"])
    return closing["commitment"] == text_hash(texts[at]) and closing["closedAt"] >= due


def round_instant(number):
    try:
        at = datetime.datetime.fromtimestamp(1692803367 + 3 * (number - 1), datetime.timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def beacon_holds(closing, result, promised):
    if promised is None:
        return result["beacon"] is None
    if result["beacon"] is None or signature_of(result) is False or result["beacon"]["round"] != promised["round"]:
        return False
    if not closing["closedAt"] < promised["at"] <= result["drawnAt"]:
        return False
    if promised["chainHash"] == QUICKNET and round_instant(promised["round"]) != promised["at"]:
        return False
    # Python's standard library has no pairing: the signature itself is for a verifier that has one.
    return None


def continued(transcript, result, continuations, last, ranking):
    """`ranking` is None where it could not be computed."""
    winners, ended = set(result["winners"]), set()
    previous, at, offered = text_hash(transcript["result"]["text"]), result["drawnAt"], len(result["winners"])
    given = 0
    for statement_, it in zip(transcript.get("continuations", []), continuations):
        if not last["continueSelecting"] or it["previous"] != previous or it["at"] < at:
            return False
        for ticket in it["unclaimed"] + it["withdrawn"]:
            if ticket not in winners or ticket in ended:
                return False
            ended.add(ticket)
        if ranking is None or not it["winners"]:
            return False
        next_ = ranking[offered + given : offered + given + len(it["winners"])]
        if [ticket for _, ticket in next_] != it["winners"] or next_[-1][0].hex() != it["cutoff"]:
            return False
        given += len(next_)
        if given > len(ended):
            return False
        winners.update(it["winners"])
        previous, at = text_hash(statement_["text"]), it["at"]
    return True


def verify(transcript):
    """The checks by their names (True, False, or None where it could not be checked), and what was computed."""
    try:
        need(isinstance(transcript, dict) and transcript.get("format") == "fanfare-draw-transcript/1")
        need(isinstance(transcript.get("drawId"), str) and isinstance(transcript.get("entries"), list))
        need(isinstance(transcript.get("commitments"), list) and transcript["commitments"])
        commitments = [read_commitment(one) for one in transcript["commitments"]]
        closing = read_closing(transcript.get("closing"))
        result = read_result(transcript.get("result"))
        told = transcript.get("continuations", [])
        need(isinstance(told, list))
        continuations = [read_continuation(one) for one in told]
        need(all(one["drawId"] == transcript["drawId"] for one in commitments + [closing, result] + continuations))
    except Malformed:
        return {"form": False}, None
    texts = [one["text"] for one in transcript["commitments"]]
    last = commitments[-1]
    entries = None
    if all(is_hex(one, 35) for one in transcript["entries"]):
        entries = [bytes.fromhex(one) for one in transcript["entries"]]

    root = None if entries is None else root_of(entries).hex()
    checks = {
        "rules_first": commitments[0]["committedAt"] <= commitments[0]["opensAt"] and commitments[0]["previous"] is None,
        "rules_kept": kept(texts, commitments, closing),
        "list_closed": closed(texts, commitments, closing),
        "list_complete": entries is not None and len(entries) == closing["entries"] and root == closing["root"],
        "weights": entries is not None
        and all(1 <= struct.unpack(">H", one[32:34])[0] <= max_weight(last) and one[34] < CLASSES for one in entries),
        "beacon": beacon_holds(closing, result, last["beacon"]),
        "seed": sha256(b"\x04" + bytes.fromhex(result["seed"])).hex() == last["seedHash"]
        and result["closing"] == text_hash(transcript["closing"]["text"])
        and result["drawnAt"] >= last["drawsAt"]
        and result["drawnAt"] >= closing["closedAt"],
        "winners": False,
        "continued": continued(transcript, result, continuations, last, None),
    }
    signature = signature_of(result)
    if entries is None or signature is False:
        return checks, None
    key = sha256(b"\x03" + bytes.fromhex(result["seed"]) + (b"" if signature is None else sha256(signature)))
    # A weight of 0 has no hash to take the least of; the check of the weights has told it already.
    taking = [(score_of(key, one), ticket) for ticket, one in enumerate(entries, 1) if one[34] == 0 and one[32:34] != b"\x00\x00"]
    ranking = sorted(taking)
    drawn = ranking[: last["winnerCount"]]
    cutoff = drawn[-1][0].hex() if drawn else None
    twins = any(a[0] == b[0] for a, b in zip(ranking, ranking[1:]))
    winners = [ticket for _, ticket in drawn]
    checks["winners"] = not twins and winners == result["winners"] and cutoff == result["cutoff"]
    checks["continued"] = continued(transcript, result, continuations, last, ranking)
    return checks, {"root": root, "winners": winners, "cutoff": cutoff}


def follow(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2: the root that a leaf's hash and its path lead to, None where they lead nowhere."""
    if not 0 <= index < size:
        return None
    last, rest, reached = size - 1, list(path), leaf
    while last:
        if index % 2 or index != last:
            if not rest:
                return None
            pair = (rest.pop(0), reached) if index % 2 else (reached, rest.pop(0))
            reached = sha256(b"\x01" + pair[0] + pair[1])
        index, last = index // 2, last // 2
    return None if rest else reached


def read_path(text):
    need(isinstance(text, str) and re.match(r"^[A-Za-z0-9_-]*$", text, re.ASCII) and len(text) % 4 != 1)
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(len(data) % 32 == 0)
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def moment(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        raise Malformed()


def read_receipt(it):
    need(isinstance(it, dict) and isinstance(it.get("drawId"), str) and is_hex(it.get("entry"), 35) and is_hex(it.get("salt"), 16))
    need(is_count(it.get("ticket")) and 1 <= it["ticket"])
    batch = statement(it.get("batch"), "receipt")
    need(is_hex(batch.get("commitment"), 32) and is_instant(batch.get("receivedAt")) and is_hex(batch.get("root"), 32))
    need(is_count(batch.get("firstTicket")) and is_count(batch.get("count")))
    return batch, read_path(it.get("path"))


def agrees(transcript, receipt, consumer_id):
    """Whether a receipt, of this consumer where one is named, is part of this draw. Signatures apart."""
    try:
        batch, path = read_receipt(receipt)
        entry, ticket = bytes.fromhex(receipt["entry"]), receipt["ticket"]
        need(receipt["drawId"] == transcript["drawId"] == batch["drawId"])
        leaf = sha256(b"\x00" + entry)
        need(follow(leaf, ticket - batch["firstTicket"], batch["count"], path) == bytes.fromhex(batch["root"]))
        if consumer_id is not None:
            opened = b"\x02" + struct.pack(">Q", ticket) + bytes.fromhex(receipt["salt"]) + uuid.UUID(consumer_id).bytes
            need(sha256(opened) == entry[:32])
        # Reference and weight; the class may have changed since.
        need(ticket <= len(transcript["entries"]) and transcript["entries"][ticket - 1][:68] == receipt["entry"][:68])
        commitments = [read_commitment(one) for one in transcript["commitments"]]
        named = [text_hash(one["text"]) for one in transcript["commitments"]].index(batch["commitment"])
        need(commitments[named]["committedAt"] <= batch["receivedAt"] and commitments[named]["opensAt"] <= batch["receivedAt"])
        later = [one["committedAt"] for one in commitments[named + 1 :]]
        if transcript.get("closing") is not None:
            later.append(read_closing(transcript["closing"])["closedAt"])
        latest = moment(batch["receivedAt"]) - datetime.timedelta(minutes=1)
        need(all(moment(one) >= latest for one in later))
    except (Malformed, ValueError):
        return False
    return True


def main(arguments):
    if arguments == ["--lines"]:
        for line in sys.stdin:
            checks, computed = verify(json.loads(line))
            print(json.dumps({"checks": checks, "computed": computed}), flush=True)
        return 0
    if arguments == ["--receipts"]:
        for line in sys.stdin:
            it = json.loads(line)
            print(json.dumps(agrees(it["transcript"], it["receipt"], it["consumerId"])), flush=True)
        return 0
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 64
    with open(arguments[0], encoding="utf-8") as file:
        transcript = json.load(file)
    checks, _ = verify(transcript)
    if len(arguments) == 2:
        with open(arguments[1], encoding="utf-8") as file:
            checks["receipt"] = "form" not in checks and agrees(transcript, json.load(file), None)
    for name, holds in checks.items():
        print("%-14s %s" % (name, {True: "holds", False: "FAILS", None: "not checked here"}[holds]))
    return 1 if False in checks.values() else 2 if None in checks.values() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
