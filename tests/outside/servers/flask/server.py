import os
import socket
import threading
import time
import uuid
from datetime import datetime, timezone

from flask import Blueprint, Flask, abort, g, jsonify, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from werkzeug.exceptions import BadRequest


class NewConnection(Schema):
    class Meta:
        unknown = EXCLUDE

    name = fields.String(
        required=True,
        validate=[
            validate.Length(max=128),
            validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z"),
            validate.NoneOf(["default"]),
        ],
    )
    description = fields.String(load_default="", validate=validate.Length(max=255))
    vpc_id = fields.String(required=True, validate=validate.Length(max=128))
    subnet_id = fields.String(required=True, validate=validate.Length(max=128))


class Refusal(Exception):
    def __init__(self, status, code, message):
        self.status, self.code, self.message = status, code, message


app = Flask(__name__)
api = Blueprint("connections", __name__, url_prefix="/v1/<project_id>/connections")
projects = {}
lock = threading.Lock()


@app.before_request
def number_request():
    g.request_id = f"{uuid.uuid4()}-{int(time.time() * 1000)}-{socket.gethostname()}"


@app.after_request
def tell_request_id(response):
    response.headers["X-Request-Id"] = g.request_id
    return response


@api.before_request
def authenticate():
    token = request.headers.get("X-Auth-Token")
    if token == os.environ["LIMITED_TOKEN"]:
        raise Refusal(403, "EG.00014030", "No permissions to request this method")
    if token != os.environ["TOKEN"]:
        raise Refusal(401, "EG.00014010", "Incorrect token or token resolution failed")


def refuse(status, code, message):
    return jsonify(error_code=code, error_msg=message, request_id=g.request_id), status


@app.errorhandler(Refusal)
def on_refusal(error):
    return refuse(error.status, error.code, error.message)


@app.errorhandler(ValidationError)
def on_invalid(error):
    return refuse(400, "EG.00513000", f"Invalid parameter: {', '.join(error.messages)}")


@app.errorhandler(BadRequest)
@app.errorhandler(RecursionError)
def on_bad_request(error):
    return refuse(400, "EG.00014000", "Bad request")


@app.errorhandler(404)
def on_not_found(error):
    return refuse(404, "EG.00014040", "Not request resource found")


@app.errorhandler(500)
def on_failure(error):
    return refuse(500, "EG.00015000", "Internal Server Error")


def find(project_id, connection_id):
    return projects.get(project_id, {}).get(connection_id) or abort(404)


@api.post("")
def create(project_id):
    new = NewConnection().load(request.get_json())
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    connection = {
        "id": str(uuid.uuid4()),
        **new,
        "status": "CREATING",
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
    with lock:
        connections = projects.setdefault(project_id, {})
        if any(other["name"] == new["name"] for other in connections.values()):
            raise Refusal(400, "EG.00513001", "Duplicate name")
        connections[connection["id"]] = connection
    return connection


@api.get("")
def find_all(project_id):
    name = request.args.get("name")
    with lock:
        items = [item for item in projects.get(project_id, {}).values() if name in (None, item["name"])]
    return {"total": len(items), "size": len(items), "items": items}


@api.get("/<connection_id>")
def find_one(project_id, connection_id):
    return find(project_id, connection_id)


@api.delete("/<connection_id>")
def delete(project_id, connection_id):
    with lock:
        del projects[project_id][find(project_id, connection_id)["id"]]
    return "", 204


app.register_blueprint(api)
