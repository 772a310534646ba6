# A plugin in another language, made from docs/elastic-sdk.md and the messages alone. Its agents are files.
import json
import os
import sys
import uuid

WORLD = os.environ["PYTHON_WORLD"]
FIELD = {"key": "region", "title": "Region", "type": "text", "required": True, "secret": False}
state = {"server": "", "next": 0}
on_the_way = {}
later = []


def send(message):
    text = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
    sys.stdout.buffer.flush()


def receive():
    length = None
    while True:
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(0)
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        if line == b"\r\n":
            return json.loads(sys.stdin.buffer.read(length))


def ask(method, params):
    state["next"] += 1
    send({"id": state["next"], "method": method, "params": params})
    while True:
        message = receive()
        if "method" not in message and message.get("id") == state["next"]:
            return message["result"]
        later.append(message)


def start(profile_id, job_id=None):
    agent_id = "py-" + uuid.uuid4().hex[:16]
    wish = {"clusterId": "bench", "profileId": profile_id, "agentId": agent_id}
    key = ask("create-registration-key", wish if job_id is None else {**wish, "jobId": job_id})
    if key["type"] != "created":
        return None
    with open(os.path.join(WORLD, agent_id), "w") as file:
        file.write(state["server"])
    if job_id is not None:
        on_the_way[job_id] = agent_id
    return agent_id


def decide(job, free):
    job_id, environment = job["jobId"], job.get("environment")
    for agent in free:
        environments = agent["environments"]
        fits = environment in environments if environment else not environments
        if agent["profileId"] == job["profile"]["id"] and fits:
            free.remove(agent)
            return {"action": "assign", "jobId": job_id, "agentId": agent["agentId"]}
    agent_id = on_the_way.get(job_id)
    if agent_id is None or not os.path.exists(os.path.join(WORLD, agent_id)):
        agent_id = start(job["profile"]["id"], job_id)
    if agent_id is None:
        return {"action": "wait", "jobId": job_id, "reason": "There is no room", "askAgainMs": 60000}
    return {"action": "hold", "jobId": job_id, "agentId": agent_id, "reason": "It comes", "askAgainMs": 60000}


def listed():
    for name in os.listdir(WORLD):
        with open(os.path.join(WORLD, name)) as file:
            if file.read() == state["server"]:
                yield {"agentId": name, "clusterId": "bench", "state": "running"}


def handle(method, params):
    if method == "initialize":
        state["server"] = params["serverId"]
        fields = [FIELD, {**FIELD, "key": "token", "required": False, "secret": True}]
        return {"clusterFields": fields, "profileFields": [], "statusReports": []}
    if method == "validate":
        missing = params["kind"] == "cluster" and not params["properties"].get("region")
        return {"problems": [{"key": "region", "message": "is missing"}] if missing else []}
    if method == "assign-work":
        free = list(params["agents"])
        return {"decisions": [decide(job, free) for job in params["jobs"]]}
    if method == "start-agents":
        started = [start(params["profile"]["id"]) for _ in range(params["count"])]
        return {"agentIds": [agent_id for agent_id in started if agent_id is not None]}
    if method == "stop-agent":
        path = os.path.join(WORLD, params["agentId"])
        if os.path.exists(path):
            os.remove(path)
        return None
    if method == "list-instances":
        return {"clusterIds": ["bench"], "instances": list(listed())}
    if method in ("job-finished", "job-cancelled", "job-rescheduled", "agent-event", "clusters-changed", "tick"):
        return None
    raise LookupError(method)


while True:
    message = later.pop(0) if later else receive()
    if "id" not in message or "method" not in message:
        continue
    try:
        send({"id": message["id"], "result": handle(message["method"], message.get("params"))})
    except LookupError as error:
        send({"id": message["id"], "error": {"code": -32601, "message": "no such method: %s" % error}})
