import os
import socket
import time
import uuid
from datetime import datetime, timezone
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, field_validator
from starlette.exceptions import HTTPException

CODES = {400: "EG.00014000", 401: "EG.00014010", 403: "EG.00014030", 404: "EG.00014040"}


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str):
        self.status, self.code, self.message = status, code, message


class NewConnection(BaseModel):
    name: Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    description: Annotated[str | None, Field(max_length=255)] = None
    vpc_id: Annotated[str, Field(max_length=128)]
    subnet_id: Annotated[str, Field(max_length=128)]

    @field_validator("name")
    @classmethod
    def not_reserved(cls, name: str) -> str:
        if name == "default":
            raise ValueError("default is reserved")
        return name


class Flavor(BaseModel):
    name: str = "default"
    concurrency_type: str = "exclusive"
    concurrency: int = 500
    bandwidth_type: str = "exclusive"


class Connection(BaseModel):
    id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    name: str
    description: str
    status: str = "CREATING"
    vpc_id: str
    subnet_id: str
    agency: str = "EG_TRUST"
    flavor: Flavor = Flavor()
    created_time: datetime
    updated_time: datetime


async def authenticate(x_auth_token: Annotated[str | None, Header()] = None) -> None:
    if x_auth_token == os.environ["LIMITED_TOKEN"]:
        raise Refusal(403, CODES[403], "No permissions to request this method")
    if x_auth_token != os.environ["TOKEN"]:
        raise Refusal(401, CODES[401], "Incorrect token or token resolution failed")


app = FastAPI()
router = APIRouter(prefix="/v1/{project_id}/connections", dependencies=[Depends(authenticate)])
projects: dict[str, dict[str, Connection]] = {}


@app.middleware("http")
async def request_id(request: Request, call_next):
    request.state.id = f"{uuid.uuid4()}-{time.time()}-{socket.gethostname()}"
    response = await call_next(request)
    response.headers["X-Request-Id"] = request.state.id
    return response


def refuse(request: Request, status: int, code: str, message: str) -> JSONResponse:
    body = {"error_code": code, "error_msg": message, "request_id": request.state.id}
    return JSONResponse(body, status_code=status)


@app.exception_handler(Refusal)
async def on_refusal(request: Request, error: Refusal):
    return refuse(request, error.status, error.code, error.message)


@app.exception_handler(RequestValidationError)
async def on_invalid(request: Request, error: RequestValidationError):
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return refuse(request, 400, "EG.00513000", f"{place}: {first['msg']}"[:512])


@app.exception_handler(HTTPException)
async def on_http_error(request: Request, error: HTTPException):
    if error.status_code not in CODES:
        return await http_exception_handler(request, error)
    return refuse(request, error.status_code, CODES[error.status_code], error.detail)


def find(project_id: str, connection_id: str) -> Connection:
    try:
        return projects[project_id][connection_id]
    except KeyError:
        raise Refusal(404, CODES[404], "Connection not found") from None


@router.post("")
async def create(project_id: str, new: NewConnection) -> Connection:
    connections = projects.setdefault(project_id, {})
    if any(connection.name == new.name for connection in connections.values()):
        raise Refusal(400, "EG.00513001", "Duplicate name")
    now = datetime.now(timezone.utc)
    fields = new.model_dump() | {"description": new.description or ""}
    connection = Connection(**fields, created_time=now, updated_time=now)
    connections[connection.id] = connection
    return connection


@router.get("")
async def find_all(project_id: str, name: str | None = None):
    connections = projects.get(project_id, {}).values()
    items = [connection for connection in connections if name in (None, connection.name)]
    return {"total": len(items), "size": len(items), "items": items}


@router.get("/{connection_id}")
async def find_one(project_id: str, connection_id: str) -> Connection:
    return find(project_id, connection_id)


@router.delete("/{connection_id}", status_code=204)
async def delete(project_id: str, connection_id: str) -> None:
    del projects[project_id][find(project_id, connection_id).id]


app.include_router(router)
