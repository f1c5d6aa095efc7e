"""What is kept on the server: models, files, fine-tuning jobs, batches. The demo keeps nothing: every id is known."""

from ..model import CREATED, MODEL, name_of
from ..wire import File, Refused, raw, route, whole
from .shape import listed

LINE = b'{"custom_id":"demo","response":{"status_code":200,"body":{}},"error":null}\n'


def models(_request):
    return whole({"object": "list", "data": [model_of(MODEL)]})


def model(_request, name):
    return whole(model_of(name))


def model_of(name):
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "portcullis-demo"}


def delete_model(_request, name):
    return whole({"id": name, "object": "model", "deleted": True})


def upload(request):
    asked = request.form()
    file = asked.get("file")
    if not isinstance(file, File):
        raise Refused(400, "'file' must be a file.")
    return whole(file_of("file-" + name_of(file.content), file.name, len(file.content), asked.get("purpose", "batch")))


def file_of(name, filename="demo.jsonl", size=75, purpose="batch"):
    of = {"id": name, "object": "file", "bytes": size, "created_at": CREATED, "filename": filename, "purpose": purpose}
    return {**of, "status": "processed"}


def files(_request):
    return whole(listed([file_of("file-demo")]))


def file(_request, name):
    return whole(file_of(name))


def delete_file(_request, name):
    return whole({"id": name, "object": "file", "deleted": True})


def content(_request, name):
    return raw(LINE, "application/octet-stream")


def tune(request):
    return whole(job_of("ftjob-" + name_of(request.body), "queued", request.json()))


def job_of(name, status, asked=None):
    asked = asked or {"model": MODEL, "training_file": "file-demo"}
    return {
        "id": name,
        "object": "fine_tuning.job",
        "created_at": CREATED,
        "error": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "hyperparameters": {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"},
        "model": asked.get("model"),
        "organization_id": "org-demo",
        "result_files": [],
        "seed": asked.get("seed") or 0,
        "status": status,
        "trained_tokens": None,
        "training_file": asked.get("training_file"),
        "validation_file": asked.get("validation_file"),
        "method": asked.get("method"),
        "metadata": asked.get("metadata"),
    }


def jobs(_request):
    return whole(listed([job_of("ftjob-demo", "running")]))


def job(_request, name):
    return whole(job_of(name, "running"))


def cancel_job(_request, name):
    return whole(job_of(name, "cancelled"))


def job_events(_request, name):
    event = {"id": "ftevent-demo", "object": "fine_tuning.job.event", "created_at": CREATED, "level": "info"}
    return whole(listed([{**event, "message": f"{name} runs", "type": "message"}]))


def create_batch(request):
    return whole(batch_of("batch_" + name_of(request.body), "validating", request.json()))


def batch_of(name, status, asked=None):
    asked = asked or {"endpoint": "/v1/chat/completions", "input_file_id": "file-demo", "completion_window": "24h"}
    kept = {field: asked.get(field) for field in ("endpoint", "input_file_id", "completion_window", "metadata")}
    counts = {"total": 1, "completed": 0, "failed": 0}
    return {"id": name, "object": "batch", "status": status, "created_at": CREATED, "request_counts": counts, **kept}


def batches(_request):
    return whole(listed([batch_of("batch_demo", "in_progress")]))


def batch(_request, name):
    return whole(batch_of(name, "in_progress"))


def cancel_batch(_request, name):
    return whole(batch_of(name, "cancelling"))


ROUTES = [
    route("GET", "/v1/models", models),
    route("GET", "/v1/models/{name}", model),
    route("DELETE", "/v1/models/{name}", delete_model),
    route("POST", "/v1/files", upload),
    route("GET", "/v1/files", files),
    route("GET", "/v1/files/{name}", file),
    route("DELETE", "/v1/files/{name}", delete_file),
    route("GET", "/v1/files/{name}/content", content),
    route("POST", "/v1/fine_tuning/jobs", tune),
    route("GET", "/v1/fine_tuning/jobs", jobs),
    route("GET", "/v1/fine_tuning/jobs/{name}", job),
    route("POST", "/v1/fine_tuning/jobs/{name}/cancel", cancel_job),
    route("GET", "/v1/fine_tuning/jobs/{name}/events", job_events),
    route("POST", "/v1/batches", create_batch),
    route("GET", "/v1/batches", batches),
    route("GET", "/v1/batches/{name}", batch),
    route("POST", "/v1/batches/{name}/cancel", cancel_batch),
]
