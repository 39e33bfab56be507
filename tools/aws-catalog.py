#!/usr/bin/env python3
"""Writes src/aws/catalog/operations.txt: what AWS's services and their operations are called on the wire.

    PYTHONPATH=FOLDER_WITH_BOTOCORE python3 tools/aws-catalog.py [OUTPUT]

Run by hand when a newer botocore knows more; the table is checked in and no build needs Python. It keeps facts only
(names, HTTP bindings, which members are sensitive, regions), none of the models' documentation. Each service is one section and
each operation one line, sorted, so that an update reads well as a diff. The head of the output explains the codes.
"""

import json
import re
import sys
from pathlib import Path

import botocore
import botocore.session

HEAD = """\
# AWS's services and operations as they appear on the wire; tools/aws-catalog.py writes this file from botocore {version}.
#
# = NAME KEY=VALUE...   begins a service (NAME as the AWS CLI and boto3 say it)
#     host   first label of the service's host names        sign     names in the credential scope, the usual one first
#     api    API version                                     speaks   wire protocols, the one botocore uses first
#     json   version of the JSON protocol                    target   prefix of X-Amz-Target and of paths for CBOR
#     flags  global: one endpoint for a partition; query-compatible: errors carry the codes of the query protocol
#     id     the service's identifier, to the end of the line
# NAME [METHOD PATH] WORD...   is an operation; METHOD and PATH stand there for the REST protocols. In PATH, {{Member}} is
#     one segment, {{Member+}} the rest, and what follows ? must be in the query string. The words:
#     ?wire=Member   member in the query string (left out where both names are equal), ?!wire=Member one that must be there
#     @wire=Member   member in a header, @!wire=Member one that must be there, @wire*=Member all headers that begin so
#     $Member        the body is this member; $$Member: as raw bytes or text
#     *Member.Inner  sensitive (a list stands for its elements)
#     >Member,...    the members of its output
#     -              the service's model calls it read-only
#
# The regions of each partition:
"""


def shape_of(model, reference):
    return model["shapes"][reference["shape"]]


def is_sensitive(model, reference):
    return bool(reference.get("sensitive") or shape_of(model, reference).get("sensitive"))


def inner(model, shape):
    """The structure inside lists, or None."""
    while shape["type"] == "list":
        shape = shape_of(model, shape["member"])
    return shape if shape["type"] == "structure" else None


def element_is_sensitive(model, reference):
    shape = shape_of(model, reference)
    while True:
        if shape["type"] == "list":
            reference = shape["member"]
        elif shape["type"] == "map":
            reference = shape["value"]
        else:
            return False
        if is_sensitive(model, reference):
            return True
        shape = shape_of(model, reference)


def sensitive_members(model, shape):
    for name, member in shape.get("members", {}).items():
        if is_sensitive(model, member) or element_is_sensitive(model, member):
            yield name
            continue
        structure = inner(model, shape_of(model, member))
        for below, reference in (structure or {}).get("members", {}).items():
            if is_sensitive(model, reference) or element_is_sensitive(model, reference):
                yield f"{name}.{below}"


def words(model, operation, rest):
    shape = shape_of(model, operation["input"]) if "input" in operation else {}
    members = shape.get("members", {})
    required = set(shape.get("required", ()))
    line = []
    if rest:
        uri = operation["http"]["requestUri"]
        for name, member in members.items():
            if member.get("location") == "uri":
                wire = member.get("locationName", name)
                uri = re.sub(r"\{" + re.escape(wire) + r"(\+?)\}", lambda found: "{" + name + found[1] + "}", uri)
        line += [operation["http"]["method"], uri]
        for name, member in members.items():
            wire, must = member.get("locationName", name), name in required
            match member.get("location"):
                case "querystring" if shape_of(model, member)["type"] != "map":
                    if must or wire != name:
                        line.append(f"?{'!' if must else ''}{wire}={name}")
                case "header":
                    line.append(f"@{'!' if must else ''}{wire}={name}")
                case "headers":
                    line.append(f"@{wire}*={name}")
        if payload := shape.get("payload"):
            kind = shape_of(model, members[payload])["type"]
            line.append(("$" if kind in ("structure", "list", "map", "union") else "$$") + payload)
    line += ["*" + path for path in sensitive_members(model, shape)]
    if "output" in operation and (members := shape_of(model, operation["output"]).get("members")):
        line.append(">" + ",".join(members))
    if operation.get("readonly"):
        line.append("-")
    return line


def route(operation):
    return operation["http"]["method"], operation["http"]["requestUri"]


def signing_names(loader, service, metadata):
    usual = metadata.get("signingName", metadata["endpointPrefix"])
    rules = json.dumps(loader.load_service_model(service, "endpoint-rule-set-1"))
    others = set(re.findall(r'"signingName": "([^"{}]+)"', rules)) - {usual}
    return [usual, *sorted(others)]


def section(loader, service, single):
    model = loader.load_service_model(service, "service-2")
    metadata = model["metadata"]
    protocols = list(dict.fromkeys([metadata["protocol"], *metadata.get("protocols", ())]))
    flags = []
    if "globalEndpoint" in metadata or metadata["endpointPrefix"] in single:
        flags.append("global")
    if "awsQueryCompatible" in metadata:
        flags.append("query-compatible")
    head = [
        f"= {service}",
        f"host={metadata['endpointPrefix']}",
        f"sign={','.join(signing_names(loader, service, metadata))}",
        f"api={metadata['apiVersion']}",
        f"speaks={','.join(protocols)}",
    ]
    if "jsonVersion" in metadata:
        head.append(f"json={metadata['jsonVersion']}")
    if "targetPrefix" in metadata:
        head.append(f"target={metadata['targetPrefix']}")
    if flags:
        head.append(f"flags={','.join(flags)}")
    head.append(f"id={metadata['serviceId']}")
    rest = any(protocol.startswith("rest-") for protocol in protocols)
    lines = [" ".join(head)]
    routes = {route(operation) for operation in model["operations"].values() if not operation.get("deprecated")}
    for name, operation in sorted(model["operations"].items()):
        if rest and operation.get("deprecated") and route(operation) in routes:
            continue  # Its successor answers to the same requests.
        lines.append(" ".join([name, *words(model, operation, rest)]))
    return lines


def main():
    here = Path(__file__).resolve().parent.parent
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "src/aws/catalog/operations.txt"
    loader = botocore.session.get_session().get_component("data_loader")
    partition = loader.load_data("endpoints")["partitions"][0]["services"]
    single = {name for name, entry in partition.items() if entry.get("isRegionalized") is False}
    lines = HEAD.format(version=botocore.__version__).splitlines()
    for entry in loader.load_data("partitions")["partitions"]:
        regions = sorted(name for name in entry["regions"] if not name.endswith("-global"))
        lines.append(" ".join(["@", entry["id"], *regions]))
    for service in sorted(loader.list_available_services("service-2")):
        lines += section(loader, service, single)
    text = "\n".join(lines) + "\n"
    output.write_text(text, encoding="ascii")
    print(f"{output}: {len(lines)} lines, {len(text)} bytes")


if __name__ == "__main__":
    main()
