"""An editor with yaml-language-server completes the rules files and says in Chinese what is wrong, by our schemas.

Needs Node and the server, which is no part of the program: `npm install --prefix build/node yaml-language-server`, or one
that YAML_LANGUAGE_SERVER or the path names. Without them the test is skipped and says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from support import ROOT

PLACES = (
    "build/node/node_modules/yaml-language-server/bin/yaml-language-server",
    "node_modules/yaml-language-server/bin/yaml-language-server",
)
PATIENCE = 120
"""Seconds for an answer; a busy machine starts Node slowly."""


def _command() -> list[str]:
    node = shutil.which("node")
    given = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
    found = [Path(given)] if given else [ROOT / place for place in PLACES if (ROOT / place).is_file()]
    if node is None:
        pytest.skip("no Node here: editors are not tested")
    if not found:
        pytest.skip(
            "no yaml-language-server here: editors are not tested; npm install --prefix build/node yaml-language-server"
        )
    return [node, str(found[0].resolve()), "--stdio"]


class _Editor:
    """As much of an editor as it takes: open a file, hear what is wrong with it, ask."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.heard: Queue[dict[str, Any]] = Queue()
        self.number = 0
        self.ear = threading.Thread(target=self._listen, daemon=True)
        self.ear.start()
        capabilities = {"textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}}}
        asked = {"processId": os.getpid(), "rootUri": folder.as_uri(), "locale": "zh-cn", "capabilities": capabilities}
        self.ask("initialize", asked)
        self._send({"method": "initialized", "params": {}})
        settings = {
            "yaml": {
                "validate": True,
                "completion": True,
                "hover": True,
                "schemaStore": {"enable": False},
                "format": {"enable": False},
            }
        }
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}})

    def _listen(self) -> None:
        assert self.process.stdout is not None
        while head := self.process.stdout.readline():
            length = int(head.split(b":")[1])
            while self.process.stdout.readline().strip():
                pass
            self.heard.put(json.loads(self.process.stdout.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.process.stdin.flush()

    def _hear(self, wanted: Any) -> dict[str, Any]:
        while True:
            try:
                message = self.heard.get(timeout=PATIENCE)
            except Empty:
                pytest.fail(f"the server says nothing in {PATIENCE} s")
            if "id" in message and "method" in message:  # it asks for settings
                items = message.get("params", {}).get("items", [])
                self._send({"id": message["id"], "result": [{} for _ in items]})
            elif wanted(message):
                return message

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        return self._hear(lambda m: m.get("id") == self.number).get("result")

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Return what is wrong with the text as if it stood in the file."""
        uri = path.as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        found = self._hear(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri)
        diagnostics: list[dict[str, Any]] = found["params"]["diagnostics"]
        return diagnostics

    def at(self, method: str, path: Path, line: int, character: int) -> Any:
        """Return what the server says of a place."""
        position = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": path.as_uri()}, "position": position})

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.ear.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture(scope="module")
def editor() -> Iterator[_Editor]:
    opened = _Editor(_command(), ROOT)
    yield opened
    opened.close()


TEXT = (ROOT / "rules" / "priorities" / "cold-chain.yaml").read_text(encoding="utf-8")


def test_the_packaged_rules_have_nothing_wrong(editor: _Editor) -> None:
    for name in ("rules/priorities/cold-chain.yaml", "rules/campaigns/2024.yaml", "checklists/clinic.yaml"):
        path = ROOT / name
        assert editor.open(path, path.read_text(encoding="utf-8")) == [], path.name


def test_mistakes_are_said_in_chinese_at_their_place(editor: _Editor) -> None:
    path = ROOT / "rules" / "priorities" / "wrong.yaml"
    wrong = TEXT.replace("    grade: major\n", "    grdae: major\n    grade: 严重\n", 1).replace(
        "type: readings, unit", "type: reading, unit", 1
    )
    found = editor.open(path, wrong)
    said = {wrong.splitlines()[d["range"]["start"]["line"]].strip(): d["message"] for d in found}
    assert any("grdae" in line and "不被允许" in message for line, message in said.items()), said
    assert any(line == "grade: 严重" and "critical" in message for line, message in said.items()), said
    assert all(any("\u4e00" <= c <= "\u9fff" for c in message) for message in said.values()), said


def test_keys_and_values_are_completed(editor: _Editor) -> None:
    path = ROOT / "rules" / "priorities" / "half.yaml"
    lines = TEXT.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("    grade: major"))
    half = "\n".join([*lines[:at], "    grade: ", "    red", *lines[at + 1 :]])
    editor.open(path, half)
    values = {item["label"] for item in editor.at("completion", path, at, len("    grade: "))["items"]}
    assert {"critical", "major", "minor"} <= values
    keys = {item["label"] for item in editor.at("completion", path, at + 1, len("    red"))["items"]}
    assert "red_line" in keys


def test_a_key_is_explained_in_chinese(editor: _Editor) -> None:
    path = ROOT / "rules" / "priorities" / "cold-chain.yaml"
    editor.open(path, TEXT)
    line = next(n for n, text in enumerate(TEXT.splitlines()) if text.startswith("    check:"))
    hover = editor.at("hover", path, line, 6)
    assert hover
    assert "检查内容" in json.dumps(hover, ensure_ascii=False)
