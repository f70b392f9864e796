"""What people upload is hostile until shown otherwise: size, name, macros."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from qiguan.archive.uploads import harmless_name, media_type_of, read_documents, read_upload
from qiguan.core.errors import UnusableInput

PDF = b"%PDF-1.7\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def packed(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, text in {"[Content_Types].xml": "<Types/>", **parts}.items():
            file.writestr(name, text)
    return out.getvalue()


class Endless(io.RawIOBase):
    """A request body of so many megabytes that is never whole in memory."""

    def __init__(self, megabytes: int) -> None:
        self.head = io.BytesIO(
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="../big.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        )
        self.tail = io.BytesIO(b'\r\n--x\r\nContent-Disposition: form-data; name="words"\r\n\r\nafter\r\n--x--\r\n')
        self.left = megabytes * 1048576
        self.length = len(self.head.getvalue()) + self.left + len(self.tail.getvalue())

    def read(self, size: int = -1) -> bytes:
        found = self.head.read(size)
        if not found and self.left:
            found = b"\0" * min(size, self.left)
            self.left -= len(found)
        return found or self.tail.read(size)


def test_a_file_of_200_megabytes_is_dropped_while_it_comes(settings):
    body = Endless(200)
    sent = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(body.length), "wsgi.input": body}
    request = RequestFactory().request(REQUEST_METHOD="POST", **sent)
    settings.UPLOAD_LIMIT = 64 * 1048576
    tracemalloc.start()
    assert request.POST["words"] == "after"  # the rest of the form is kept
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not request.FILES
    with pytest.raises(UnusableInput) as told:
        read_upload(request, "file")
    assert told.value.place == "big.pdf"
    assert "超过64MB" in told.value.message
    with pytest.raises(UnusableInput, match="超过64MB"):
        read_documents(request, "file")
    assert peak < 16 * 1048576


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\x.pdf", "x.pdf"),
        ("/", "未命名"),
        ("..", "未命名"),
        ("a\x00b\r\n.pdf", "a_b__.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("con.pdf", "_con.pdf"),
        ('整改报告<1>"最终".docx', "整改报告_1__最终_.docx"),
        ("报" * 300 + ".pdf", "报" * 116 + ".pdf"),
        ("报" * 300, "报" * 120),
    ],
)
def test_a_name_stays_in_its_folder_and_reads_as_it_is(said, kept):
    assert harmless_name(said) == kept


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docm", packed()),
        ("a.XLSM", packed()),
        ("a.docx", packed(**{"word/vbaProject.bin": "x"})),
        ("a.xlsx", packed(**{"xl/macrosheets/other.BIN": "x"})),
        ("a.docx", packed(**{"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"})),
        ("a.doc", OLE + b"\0" * 632 + "_VBA_PROJECT".encode("utf-16-le") + b"\0" * 60),
        ("a.xls", OLE + b"\0" * 632 + "Macros".encode("utf-16-le") + b"\0" * 60),
    ],
)
def test_macros_are_refused_whatever_the_file_is_called(name, data):
    with pytest.raises(UnusableInput, match="宏") as told:
        media_type_of(name, data)
    assert told.value.place == name


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", b"<script>"),
        ("a.zip", packed()),
        ("a", PDF),
        ("a.pdf", b"MZ"),
        ("a.docx", PDF),
        ("a.docx", b"PK\x03\x04 broken"),
    ],
)
def test_what_is_no_document_is_refused(name, data):
    with pytest.raises(UnusableInput):
        media_type_of(name, data)


def test_plain_documents_are_taken():
    text = OLE + b"\0" * 632 + "VBA是什么，Macros怎么写".encode("utf-16-le") + b"\0" * 60  # the words, not the streams
    for name, data in (
        ("a.doc", text),
        ("a.pdf", PDF),
        ("a.docx", packed()),
        ("a.doc", OLE),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.ofd", packed()),
    ):
        assert "/" in media_type_of(name, data)


def test_several_documents_come_together_and_too_many_do_not():
    def sent(n: int):
        files = [SimpleUploadedFile(f"{i}.pdf", PDF) for i in range(n)]
        return RequestFactory().post("/", {"files": files})

    assert [row[0] for row in read_documents(sent(2), "files")] == ["0.pdf", "1.pdf"]
    assert read_documents(RequestFactory().post("/"), "files") == []
    with pytest.raises(UnusableInput, match="最多5个"):
        read_documents(sent(6), "files")
