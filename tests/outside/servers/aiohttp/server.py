import json
import os
import socket
import time
import uuid
from datetime import datetime, timezone

from aiohttp import web
from jsonschema import Draft202012Validator

NEW_CONNECTION = Draft202012Validator(
    {
        "type": "object",
        "required": ["name", "vpc_id", "subnet_id"],
        "properties": {
            "name": {"type": "string", "maxLength": 128, "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z", "not": {"const": "default"}},
            "description": {"type": "string", "maxLength": 255},
            "vpc_id": {"type": "string", "maxLength": 128},
            "subnet_id": {"type": "string", "maxLength": 128},
        },
    }
)

routes = web.RouteTableDef()
projects: dict[str, dict[str, dict]] = {}


class Refusal(Exception):
    def __init__(self, status, code, message):
        self.status, self.code, self.message = status, code, message


@web.middleware
async def refusals(request, handler):
    request["id"] = f"{uuid.uuid4()}-{int(time.time())}-{socket.gethostname()}"
    try:
        response = await handler(request)
    except Refusal as refusal:
        body = {"error_code": refusal.code, "error_msg": refusal.message, "request_id": request["id"]}
        response = web.json_response(body, status=refusal.status)
    response.headers["X-Request-Id"] = request["id"]
    return response


@web.middleware
async def authentication(request, handler):
    if request.match_info.http_exception is None:
        token = request.headers.get("X-Auth-Token")
        if token == os.environ["LIMITED_TOKEN"]:
            raise Refusal(403, "EG.00014030", "No permissions to request this method")
        if token != os.environ["TOKEN"]:
            raise Refusal(401, "EG.00014010", "Incorrect token or token resolution failed")
    return await handler(request)


def connections_of(request):
    return projects.setdefault(request.match_info["project_id"], {})


def find(request):
    connection = connections_of(request).get(request.match_info["connection_id"])
    if connection is None:
        raise Refusal(404, "EG.00014040", "Connection not found")
    return connection


@routes.post("/v1/{project_id}/connections")
async def create(request):
    try:
        new = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "EG.00014000", "Bad request") from None
    if not NEW_CONNECTION.is_valid(new):
        raise Refusal(400, "EG.00513000", "Invalid parameter")
    connections = connections_of(request)
    if any(connection["name"] == new["name"] for connection in connections.values()):
        raise Refusal(400, "EG.00513001", "Duplicate name")
    now = datetime.now(timezone.utc).isoformat()
    connection = {
        "id": str(uuid.uuid4()),
        "name": new["name"],
        "description": new.get("description", ""),
        "status": "CREATING",
        "vpc_id": new["vpc_id"],
        "subnet_id": new["subnet_id"],
        "agency": "EG_TRUST",
        "flavor": {
            "name": "default",
            "concurrency_type": "exclusive",
            "concurrency": 500,
            "bandwidth_type": "exclusive",
        },
        "created_time": now,
        "updated_time": now,
    }
    connections[connection["id"]] = connection
    return web.json_response(connection)


@routes.get("/v1/{project_id}/connections")
async def find_all(request):
    name = request.query.get("name")
    items = [item for item in connections_of(request).values() if name in (None, item["name"])]
    return web.json_response({"total": len(items), "size": len(items), "items": items})


@routes.get("/v1/{project_id}/connections/{connection_id}")
async def find_one(request):
    return web.json_response(find(request))


@routes.delete("/v1/{project_id}/connections/{connection_id}")
async def delete(request):
    del connections_of(request)[find(request)["id"]]
    return web.Response(status=204)


def main(argv):
    app = web.Application(middlewares=[refusals, authentication])
    app.add_routes(routes)
    return app
