"""PORT: answers on 127.0.0.1 as the original's local server did: Flask's development server, threaded, a dummy
token for /v3/auth/token, and an echo of the path for everything else. It stores nothing."""

import logging
import sys

from flask import Flask, jsonify

methods = ["GET", "POST", "PUT", "DELETE", "PATCH"]
app = Flask(__name__)


@app.post("/v3/auth/token")
def token():
    return jsonify(token="dummy", project_id="dummy")


@app.route("/", defaults={"path": ""}, methods=methods)
@app.route("/<path:path>", methods=methods)
def echo(path):
    return jsonify(path=path)


# One line of log a request would measure the terminal.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
app.run(host="127.0.0.1", port=int(sys.argv[1]), use_reloader=False, debug=False)
