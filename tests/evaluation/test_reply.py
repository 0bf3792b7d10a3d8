"""Every string that a client got is in its reply, put together as a reader would."""

import json

from evaluation.reply import events, read_stream, read_whole


def test_a_whole_answer_and_its_stream_read_alike() -> None:
    message = {"role": "assistant", "content": "Tolvik, I think.", "reasoning": "Hm."}
    whole = read_whole(200, json.dumps({"choices": [{"index": 0, "message": message}]}).encode())
    pieces = [{"role": "assistant"}, {"content": "Tol"}, {"reasoning": "Hm."}, {"content": "vik, I think."}]
    sent = [json.dumps({"choices": [{"index": 0, "delta": piece}]}).encode() for piece in pieces]
    streamed = read_stream(200, sent)
    assert whole.fields == streamed.fields
    assert streamed.said == "Tolvik, I think."
    assert streamed.contents == ("Tolvik, I think.",)


def test_choices_and_calls_are_kept_apart() -> None:
    calls = [{"index": n, "function": {"arguments": f"a{n}"}} for n in (0, 1)]
    body = {"choices": [{"index": n, "message": {"content": f"c{n}", "tool_calls": calls}} for n in (0, 1)]}
    reply = read_whole(200, json.dumps(body).encode())
    assert reply.contents == ("c0", "c1")
    assert sorted(reply.texts) == ["a0", "a0", "a1", "a1", "c0", "c1"]


def test_tokens_of_a_list_are_one_text() -> None:
    listed = {"logprobs": {"content": [{"token": "Tol", "logprob": -0.1}, {"token": "vik", "logprob": -0.2}]}}
    reply = read_whole(200, json.dumps({"choices": [{"index": 0, **listed}]}).encode())
    assert "Tolvik" in reply.texts


def test_what_is_not_json_counts_as_it_stands() -> None:
    assert read_whole(502, b"Tolvik!").texts == ("Tolvik!",)
    assert read_stream(200, events(b"data: {}\n\ndata: [DONE]\n\n")).texts == ("[DONE]",)
