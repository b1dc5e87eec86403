"""SmolLM2 as Yomi runs it, against transformers: logits, token ids, the chat form; what eight bits cost; and its speed.

python tests/measures/check_smollm2.py TEXT.txt    (after: yomi get smollm2; needs the extras text and hf)

The perplexity is of the file's first 3,000 tokens, 512 at a time.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, LlamaForCausalLM

from engine.text.language_model import LanguageModel
from engine.text.models import open_model

TRICKY = "The quick brown fox, 1234 ways:\n\tnaïve café, 読み 🙂 don't it's   spaces <|im_end|> x"
QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def main(path: str) -> None:
    exact, rounded = open_model("smollm2", "torch"), open_model("smollm2", "int8")
    theirs = LlamaForCausalLM.from_pretrained(exact.folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(exact.folder)
    tokenizer.chat_template = TEMPLATE
    chat = exact.chat(QUESTION)
    said = tokenizer.apply_chat_template(QUESTION, add_generation_prompt=True)
    print("token ids equal:", tokenizer(TRICKY)["input_ids"] == exact.tokenizer.encode(TRICKY))
    print("chat form equal:", list(said if isinstance(said, list) else said["input_ids"]) == chat)
    with torch.no_grad():
        expected = theirs(torch.tensor([chat])).logits[0].numpy()
    print(f"logits, largest difference: {np.abs(exact.read(chat)[0][0] - expected).max():.2g}")
    print(f"token by token, largest difference: {cached(exact, chat):.2g}")
    tokens = exact.tokenizer.encode(Path(path).read_text("utf-8"), special=False)[:3000]
    for model in (exact, rounded):
        print(f"{model.runtime}: perplexity {perplexity(model, tokens):.2f}")
    for prefix, rows, tail in ((32, 1, 8), (32, 16, 8), (32, 64, 8), (128, 16, 16), (128, 64, 16)):
        rate = evaluations(rounded, prefix, rows, tail)
        print(f"prefix {prefix}, wave {rows}: {rate:.0f} token evaluations per second of one thread's own time")


def cached(model: LanguageModel, tokens: list[int]) -> float:
    """Return the largest difference between logits with memory and without."""
    logits, _, memory = model.read(tokens)
    begin, tails, found = len(tokens) // 2, model.no_tails(1), []
    shared = np.ascontiguousarray(memory[0, :, :, :, :begin])
    for token in tokens[begin:]:
        answer, _, own = model.extend(np.array([[token]]), shared, tails, np.array([tails.shape[4]]))
        tails = np.concatenate([tails, own], 4)
        found.append(answer[0, 0])
    return float(np.abs(np.stack(found) - logits[0, begin:]).max())


def perplexity(model: LanguageModel, tokens: list[int]) -> float:
    total = 0.0
    for at in range(0, len(tokens) - 1, 512):
        piece = tokens[at : at + 513]
        logits = model.read(piece[:-1])[0][0].astype(np.float64)
        highest = logits.max(1, keepdims=True)
        normal = np.log(np.exp(logits - highest).sum(1)) + highest[:, 0]
        total += float((normal - logits[np.arange(len(logits)), piece[1:]]).sum())
    return float(np.exp(total / (len(tokens) - 1)))


def evaluations(model: LanguageModel, prefix: int, rows: int, tail: int, calls: int = 3) -> float:
    """Return token evaluations a second of this thread's own time."""
    random = np.random.default_rng(1)
    shape = (model.layers, 2, model.kv_heads)
    shared = random.standard_normal((*shape, prefix, model.head_size), np.float32)
    tails = random.standard_normal((rows, *shape, tail, model.head_size), np.float32)
    tokens, lengths = random.integers(100, 4000, (rows, 1)), np.full(rows, tail)
    model.extend(tokens, shared, tails, lengths)
    began = time.process_time()
    for _ in range(calls):
        model.extend(tokens, shared, tails, lengths)
    return calls * rows / (time.process_time() - began)


if __name__ == "__main__":
    main(sys.argv[1])
