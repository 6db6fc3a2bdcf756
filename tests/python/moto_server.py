"""moto's server on a free port of the loopback interface.

Prints the port once it listens, and runs until standard input is closed: it ends with the process that
started it, however that process ends. With the argument `one-at-a-time` requests are worked off one after
the other: the tables of a server with threads lose concurrent updates, which those of DynamoDB do not.
"""

import logging
import sys
import threading

from cloudwatch import as_cloudwatch_says
from moto.core.config import default_user_config
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Response


def as_s3_says(application):
    """S3 calls the root of this answer otherwise than moto, and the SDK insists on the name."""

    def answer(environ, start_response):
        response = Response.from_app(application, environ)
        response.set_data(response.get_data().replace(b"GetBucketNotificationResponse", b"NotificationConfiguration"))
        return response(environ, start_response)

    def chosen(environ, start_response):
        is_asked = environ["REQUEST_METHOD"] == "GET" and "notification" in environ["QUERY_STRING"]
        return (answer if is_asked else application)(environ, start_response)

    return chosen


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Functions are only looked at here, not run.
    default_user_config["lambda"] = {"use_docker": False}
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, as_cloudwatch_says(as_s3_says(application)), threaded="one-at-a-time" not in sys.argv)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, flush=True)
    sys.stdin.read()


main()
