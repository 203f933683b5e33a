"""Django and Django REST framework in one file, for `gunicorn server`."""

import os
import socket
import threading
import time
import uuid
from datetime import datetime, timezone

import django
from django.conf import settings
from django.core.validators import RegexValidator
from django.core.wsgi import get_wsgi_application
from django.urls import path

settings.configure(
    SECRET_KEY=uuid.uuid4().hex,
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", f"{__name__}.request_id"],
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "EXCEPTION_HANDLER": f"{__name__}.refuse",
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from rest_framework import exceptions, serializers  # noqa: E402
from rest_framework.permissions import BasePermission  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView, exception_handler  # noqa: E402


class Refusal(exceptions.APIException):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status_code, self.error_code = status, code


class TokenPermission(BasePermission):
    def has_permission(self, request, view):
        token = request.headers.get("X-Auth-Token")
        if token == os.environ["LIMITED_TOKEN"]:
            raise Refusal(403, "EG.00014030", "No permissions to request this method")
        if token != os.environ["TOKEN"]:
            raise Refusal(401, "EG.00014010", "Incorrect token or token resolution failed")
        return True


class StringField(serializers.CharField):
    """Takes JSON strings alone and leaves their white space; CharField would make strings of numbers."""

    def __init__(self, **options):
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def not_reserved(name):
    if name == "default":
        raise serializers.ValidationError("default is reserved")


class NewConnection(serializers.Serializer):
    name = StringField(max_length=128, validators=[RegexValidator(r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z"), not_reserved])
    description = StringField(max_length=255, allow_blank=True, default="")
    vpc_id = StringField(max_length=128)
    subnet_id = StringField(max_length=128)


def request_id(get_response):
    def middleware(request):
        request.id = f"{uuid.uuid4()}-{int(time.time() * 1000)}-{socket.gethostname()}"
        response = get_response(request)
        response.headers["X-Request-Id"] = request.id
        return response

    return middleware


def refuse(error, context):
    if isinstance(error, RecursionError):  # of a body that is nested too deeply
        error = exceptions.ParseError()
    response = exception_handler(error, context)
    if response is None or response.status_code not in (400, 401, 403, 404):
        return response
    if isinstance(error, Refusal):
        code, message = error.error_code, str(error.detail)
    elif isinstance(error, exceptions.ValidationError):
        code, message = "EG.00513000", "Invalid parameter"
    else:
        code, message = "EG.00014000", "Bad request"
    response.data = {"error_code": code, "error_msg": message, "request_id": context["request"].id}
    return response


projects = {}
lock = threading.Lock()


def find(project_id, connection_id):
    try:
        return projects[project_id][connection_id]
    except KeyError:
        raise Refusal(404, "EG.00014040", "Connection not found") from None


class Connections(APIView):
    permission_classes = [TokenPermission]

    def post(self, request, project_id):
        new = NewConnection(data=request.data)
        new.is_valid(raise_exception=True)
        now = datetime.now(timezone.utc)
        connection = {
            "id": uuid.uuid4(),
            **new.validated_data,
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
            if any(other["name"] == connection["name"] for other in connections.values()):
                raise Refusal(400, "EG.00513001", "Duplicate name")
            connections[connection["id"]] = connection
        return Response(connection)

    def get(self, request, project_id):
        name = request.query_params.get("name")
        with lock:
            items = [item for item in projects.get(project_id, {}).values() if name in (None, item["name"])]
        return Response({"total": len(items), "size": len(items), "items": items})


class Connection(APIView):
    permission_classes = [TokenPermission]

    def get(self, request, project_id, connection_id):
        return Response(find(project_id, connection_id))

    def delete(self, request, project_id, connection_id):
        with lock:
            del projects[project_id][find(project_id, connection_id)["id"]]
        return Response(status=204)


urlpatterns = [
    path("v1/<project_id>/connections", Connections.as_view()),
    path("v1/<project_id>/connections/<uuid:connection_id>", Connection.as_view()),
]

application = get_wsgi_application()
