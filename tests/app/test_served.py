"""What the server gives and what it refuses, asked without a browser; ten visitors at once."""

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image

VISITORS = 10


def ask(url, data=None, headers=None):
    request = Request(url, data=data, headers=headers or {})
    try:
        with urlopen(request, timeout=120) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../../../etc/passwd",
        "results/mine/record/config.json",
        "{folder}/results/mine/record/config.json",
        "{folder}/page.log",
        "{folder}/results/../page.log",
        "http://127.0.0.1:9/",
    ],
)
@pytest.mark.parametrize("route", ["gradio_api/file=", "file=", "gradio_api/file/"])
def test_no_file_of_the_machine_can_be_read(address, folder, route, path):
    status, _ = ask(address.rstrip("/") + "/" + route + path.format(folder=folder))
    assert status in (403, 404)


def test_an_upload_that_is_too_large_is_refused(address):
    boundary = secrets.token_hex(8)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    body = head.encode() + bytes(21 * 2**20) + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    assert ask(address + "gradio_api/upload", body, kind)[0] == 413


class Visitor:
    """One visitor, who asks the page's functions as its script does."""

    def __init__(self, address):
        self.address = address
        self.session = secrets.token_hex(6)
        self.config = json.loads(ask(address + "config")[1])
        self.parts = {part["id"]: part for part in self.config["components"]}

    def part(self, name):
        return next(key for key, part in self.parts.items() if part["props"].get("elem_id") == name)

    def functions(self, name, event):
        """Return the functions that an event of a part calls; "load" is of the page."""
        key = None if name is None else self.part(name)
        return [
            one
            for one in self.config["dependencies"]
            if any(event == kind and key in (None, at) for at, kind in one["targets"])
        ]

    def post(self, function, **values):
        """Ask for a function with the parts' own values, but for those of named parts."""
        given = {self.part(name): value for name, value in values.items()}
        data = [given.get(key, self.parts[key]["props"].get("value")) for key in function["inputs"]]
        body = {"data": data, "fn_index": function["id"], "session_hash": self.session}
        asked = json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        status, text = ask(self.address + "gradio_api/queue/join", asked, kind)
        assert status == 200, text
        return json.loads(text)["event_id"]

    def call(self, function, **values):
        """Ask for a function and wait for its last answer."""
        event = self.post(function, **values)
        url = f"{self.address}gradio_api/queue/data?session_hash={self.session}"
        last = None
        with urlopen(url, timeout=240) as answer:
            for line in answer:
                if not line.startswith(b"data: "):
                    continue
                told = json.loads(line[6:])
                if told["msg"] == "process_completed" and told["event_id"] == event:
                    return told
                last = told
        raise AssertionError(last)

    def begin(self):
        for function in self.functions(None, "load"):
            self.call(function)

    def giving(self, *names):
        """Return the function that changes these parts and others."""
        keys = {self.part(name) for name in names}
        return next(one for one in self.config["dependencies"] if keys < set(one["outputs"]))


def test_ten_visitors_look_at_their_own_image(address, shelf):
    images = shelf.open("mine").images

    def look(number):
        visitor, image = Visitor(address), images[number % len(images)]
        visitor.begin()
        visitor.call(visitor.giving("image", "along", "headline"), study="mine")
        told = visitor.call(
            visitor.functions("image", "change")[0], study="mine", image=image, along="fur"
        )
        assert told["success"], told
        return image, told["output"]["data"][0]

    with ThreadPoolExecutor(VISITORS) as pool:
        for image, text in pool.map(look, range(VISITORS)):
            assert f"{image}: " in text
            assert not [other for other in images if other != image and f"{other}: " in text]


def test_visitors_explain_and_take_away_their_own_picture(address):
    def explain(number):
        visitor = Visitor(address)
        visitor.begin()
        (run,), (write,) = visitor.functions("go", "click"), visitor.functions("write", "click")
        asked = {"models": ["study mine/one"], "kind": "latent fur_lightness"}
        told = visitor.call(run, number=number, placebos=0, **asked)
        assert told["success"], told
        files = visitor.call(write)["output"]["data"][0]
        return told["output"]["data"][2], files

    with ThreadPoolExecutor(3) as pool:
        (first, mine), (second, others), (third, more) = pool.map(explain, (0, 1, 0))
    assert "zs-line" in first
    assert first == third
    assert first != second
    places = [{file["path"].rpartition("/")[0] for file in files} for files in (mine, others, more)]
    assert not places[0] & places[1] and not places[0] & places[2]
    texts = [ask(files[0]["url"])[1] for files in (mine, others)]
    assert texts[0].startswith(b"PK")
    assert texts[0] != texts[1]


def test_work_that_nobody_waits_for_ends(address):
    visitor = Visitor(address)
    visitor.begin()
    (run,), (halt,) = visitor.functions("go", "click"), visitor.functions("halt", "click")
    asked = {"models": ["study mine/one"], "kind": "latent fur_lightness", "number": 0}
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(visitor.call, run, placebos=200, **asked)
        end = time.monotonic() + 100
        while not work.done() and time.monotonic() < end:
            time.sleep(0.2)
            visitor.post(halt)
        told = work.result(1)
    assert told["success"], told
    assert "Stopped" in told["output"]["data"][1]
    assert not told["output"]["data"][3]


def test_a_file_that_was_not_uploaded_is_no_picture(address, folder):
    visitor = Visitor(address)
    visitor.begin()
    picture = BytesIO()
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(picture, "PNG")
    secret = folder / "secret.png"
    secret.write_bytes(picture.getvalue())
    (run,) = visitor.functions("go", "click")
    source = "a picture of mine"
    file = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
    told = visitor.call(run, source=source, upload=file)
    assert not told["success"]
