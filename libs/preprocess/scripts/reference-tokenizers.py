"""Reads cases as JSON and prints, for each, what Python's tokenizers make of it.

Operations: "train" a tokeniser of a family (see FAMILIES) on texts and give its tokenizer.json, or as ours are trained;
"encode" texts with a tokenizer.json; say how the "characters" of texts are read.
"""

import json
import sys

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
CLIP_WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def bert(lowercase, special=BERT_SPECIAL, strip_accents=None):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=strip_accents)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer
    return tokenizer, trainer, {"special_tokens": special}


def roberta(prefix_space=False, lowercase=False, special=ROBERTA_SPECIAL):
    tokenizer = Tokenizer(models.BPE())
    if lowercase:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return tokenizer, trainers.BpeTrainer, {"special_tokens": special, "initial_alphabet": alphabet}


def clip():
    special = ["<|startoftext|>", "<|endoftext|>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CLIP_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    return tokenizer, trainers.BpeTrainer, {"special_tokens": special, "initial_alphabet": alphabet, "end_of_word_suffix": "</w>"}


def whitespace():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Strip(), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Replace("ß", "$&ss")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation()]
    )
    return tokenizer, trainers.BpeTrainer, {"special_tokens": ROBERTA_SPECIAL, "limit_alphabet": 150}


def words():
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.Prepend("_")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(), pre_tokenizers.Punctuation("contiguous")]
    )
    return tokenizer, trainers.WordPieceTrainer, {"special_tokens": ROBERTA_SPECIAL, "limit_alphabet": 150}


def added():
    """With tokens that swallow spaces, and one that is found in the normalised text."""
    tokenizer, trainer, options = bert(True)
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
    tokenizer.add_tokens([AddedToken("<image>", rstrip=True), AddedToken("GEHÖREN", normalized=True)])
    return tokenizer, trainer, options


FAMILIES = {
    "bert-uncased": lambda: bert(True),
    "bert-cased": lambda: bert(False),
    "roberta": roberta,
    "roberta-prefix": lambda: roberta(True),
    "clip": clip,
    "whitespace": whitespace,
    "words": words,
    "added": added,
}


def post_processor(tokenizer, special):
    def ids(token):
        return (token, tokenizer.token_to_id(token))

    if special[0] == "[PAD]":
        return processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[ids("[CLS]"), ids("[SEP]")]
        )
    if special[0] == "<s>":
        return processors.RobertaProcessing(ids("</s>"), ids("<s>"), add_prefix_space=False)
    return processors.RobertaProcessing(ids("<|endoftext|>"), ids("<|startoftext|>"), add_prefix_space=False)


def train(family, texts, size=3000, min_frequency=2):
    tokenizer, trainer, options = FAMILIES[family]()
    tokenizer.train_from_iterator(
        texts, trainer(vocab_size=size, min_frequency=min_frequency, show_progress=False, **options)
    )
    tokenizer.post_processor = post_processor(tokenizer, options["special_tokens"])
    return tokenizer.to_str()


def train_ours(kind, texts, size, min_frequency, lowercase, alphabet):
    """Trains as `bpe` and `wordpiece` of the project do. WordPiece needs the alphabet, which is in random order otherwise."""
    if kind == "bpe":
        tokenizer, trainer, options = roberta(True, lowercase, BERT_SPECIAL)
    else:
        tokenizer, trainer, options = bert(lowercase, BERT_SPECIAL + alphabet, strip_accents=False)
    tokenizer.train_from_iterator(
        texts, trainer(vocab_size=size, min_frequency=min_frequency, show_progress=False, **options)
    )
    file = json.loads(tokenizer.to_str())
    return {"vocab": file["model"]["vocab"], "merges": file["model"].get("merges")}


def encode(tokenizer, texts, special=True):
    loaded = Tokenizer.from_str(tokenizer)
    loaded.no_truncation()
    loaded.no_padding()
    return [item.ids for item in loaded.encode_batch(texts, add_special_tokens=special)]


def characters(family, texts):
    """How the parts of a family read texts: normalised, and cut into words."""
    tokenizer, _, _ = FAMILIES[family]()
    normalized = [tokenizer.normalizer.normalize_str(text) if tokenizer.normalizer else text for text in texts]
    words = [[word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)] for text in texts]
    forms = {form: [getattr(normalizers, form)().normalize_str(text) for text in texts] for form in FORMS}
    return {"file": tokenizer.to_str(), "normalized": normalized, "words": words, "forms": forms}


FORMS = ["NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase"]
OPERATIONS = {"train": train, "train_ours": train_ours, "encode": encode, "characters": characters}

print(json.dumps([OPERATIONS[case.pop("operation")](**case) for case in json.load(sys.stdin)]))
