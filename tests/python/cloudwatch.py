"""CloudWatch as the SDK speaks with it: in CBOR, and in pages.

moto knows CloudWatch in JSON alone, and gives all alarms at once. What comes in CBOR is handed to it as JSON,
and its answer is given back in CBOR; `DescribeAlarms` gives pages as CloudWatch does.
"""

import json
from io import BytesIO

from botocore.parsers import RpcV2CBORParser, create_parser
from botocore.serialize import RpcV2CBORSerializer
from botocore.session import get_session
from werkzeug.wrappers import Request, Response

TARGET = "GraniteServiceVersion20100801"
PLACE = f"/service/{TARGET}/operation/"
# How many alarms an answer has unless it is asked for fewer or more.
PAGE = 50


def as_cloudwatch_says(application):
    model = get_session().get_service_model("cloudwatch")

    def answer(environ, start_response):
        operation = model.operation_model(environ["PATH_INFO"].removeprefix(PLACE))
        body = Request(environ).get_data()
        parser = RpcV2CBORParser()
        asked = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}
        given = Response.from_app(application, environ | in_json(operation.name, asked))
        response = in_cbor(operation, asked, given)
        return response(environ, start_response)

    def chosen(environ, start_response):
        is_ours = environ["PATH_INFO"].startswith(PLACE)
        return (answer if is_ours else application)(environ, start_response)

    return chosen


def in_json(operation: str, asked: dict) -> dict:
    body = json.dumps(asked).encode()
    return {
        "PATH_INFO": "/",
        "REQUEST_URI": "/",
        "RAW_URI": "/",
        "CONTENT_TYPE": "application/x-amz-json-1.0",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_AMZ_TARGET": f"{TARGET}.{operation}",
        "wsgi.input": BytesIO(body),
    }


def in_cbor(operation, asked: dict, given: Response) -> Response:
    status, body = given.status_code, b"\xa0"
    if status >= 300:
        error = json.loads(given.get_data())
        # Texts alone, of which the shape of a string is enough.
        body = b"\xa2" + b"".join(map(text, ["__type", error["__type"], "message", error.get("message", "")]))
    elif shape := operation.output_shape:
        answer = {"status_code": status, "headers": dict(given.headers), "body": given.get_data()}
        values = create_parser("json").parse(answer, shape)
        values.pop("ResponseMetadata", None)
        if operation.name == "DescribeAlarms":
            values = page(asked, values)
        encoded = bytearray()
        RpcV2CBORSerializer()._serialize_data_item(encoded, values, shape)
        body = bytes(encoded)
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    return Response(body, status=status, headers=headers)


def text(value: str) -> bytes:
    encoded = bytearray()
    RpcV2CBORSerializer()._serialize_type_string(encoded, value, None, None)
    return bytes(encoded)


def page(asked: dict, values: dict) -> dict:
    """One page of the alarms, which are all on metrics: moto has no others."""
    alarms, start = values["MetricAlarms"], int(asked.get("NextToken") or 0)
    end = start + (asked.get("MaxRecords") or PAGE)
    return {"MetricAlarms": alarms[start:end]} | ({"NextToken": str(end)} if end < len(alarms) else {})
