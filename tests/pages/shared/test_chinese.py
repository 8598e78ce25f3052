"""The Chinese catalogue: its punctuation, and the words that a course in Chinese uses."""

from __future__ import annotations

import re

import pytest

from pages.shared.i18n import catalogue

_HAN = r"[\u4e00-\u9fff]"
_CHINESE = r"[\u4e00-\u9fff，。；：？！、（）“”《》]"
_WIDE = r"[，。；：？！、（）“”《》]"
TRANSLATIONS = sorted(catalogue().items())

BANNED = {
    "孪生": "对照运行",
    "对照网络": "对照运行",
    "热力图": "热图",
    "丢弃率": "暂退率（dropout）",
    "二元组": "二元语法",
    "三元组": "三元语法",
    "逻辑斯谛": "sigmoid 函数",
    "提前步数": "k 步预测",
    "不再是数": "变为 NaN",
    "不是数了": "变为 NaN",
    "数字放不下": "数值溢出",
    "追溯多远": "梯度能回传多远",
    "个训练。": "个运行。",
    "这个训练": "这个运行",
    "本次训练": "这个运行",
    "本次运行": "这个运行",
    "这次运行": "这个运行",
    "} 次运行": "} 个运行",
    "按“": "点击“",
    "内置文本": "自带的文本",
    "打开的训练": "打开的运行",
    "训练 {name": "运行 {name",
    "单向的训练": "单向的运行",
    "双向的训练": "双向的运行",
    "梯度下降的第几步": "更新步",
    "您": "你",
}
"""A word that was dropped, and what is said instead."""

AGREED = {
    "Run": "运行",
    "Training": "训练",
    "Heatmap": "热图",
    "Dropout": "暂退率（dropout）",
    "candidate hidden state": "候选隐状态",
    "candidate cell state": "候选记忆元",
    "hidden state": "隐状态",
    "cell state": "记忆元",
    "forget gate": "遗忘门",
    "update gate": "更新门",
    "reset gate": "重置门",
    "update step": "更新步",
    "time step": "时间步",
    "pairs of words": "词二元语法",
    "triples of words": "词三元语法",
    "perplexity": "困惑度",
    "Gradient clipping": "梯度裁剪",
    "Reach": "梯度能回传多远",
    "Twin without clipping": "不裁剪的对照运行",
    "Train the twin": "训练对照运行",
}
"""An English word, and the whole of its translation."""

SAID = {
    "**backpropagation through time**": "通过时间反向传播",
    "**truncation**": "截断",
    "**vanishes**": "梯度消失",
    "**explodes**": "梯度爆炸",
    "warm-up period": "预热期",
    "**latent autoregressive model**": "隐变量自回归模型",
    "τ = n − 1": "τ = n − 1",
    "exp(mean cross-entropy)": "exp(平均交叉熵)",
    "sigmoid function": "sigmoid 函数",
    "look **k** steps ahead": "k 步预测",
    "stopped being a number": "变为 NaN",
}
"""What the field calls it, said where it is shown: in English, and in its translation."""


@pytest.mark.parametrize("english, chinese", TRANSLATIONS)
def test_a_chinese_sentence_has_chinese_punctuation(english, chinese):
    bare = re.sub(r"\{[^}]*\}", "0", chinese)
    mixed = [
        rf"{_CHINESE}\s*[,:;?!]",  # a comma, colon … of English behind a Chinese character, or before one
        rf"[,;:?!]\s*{_HAN}",
        rf"{_HAN}\(|\){_HAN}",  # a formula in brackets stands apart, between spaces
        rf"{_HAN}[\"']|[\"']{_HAN}",
        rf" {_WIDE}|[，。；：？！、（《“] ",  # a wide sign brings its own space
        rf"{_HAN}\s*\.(\s|$)",
    ]
    found = [match.group() for pattern in mixed for match in re.finditer(pattern, bare)]
    assert not found, f"{found} in {chinese!r}, for {english!r}"


@pytest.mark.parametrize("old, new", BANNED.items())
def test_a_word_that_was_dropped_is_gone(old, new):
    assert not [chinese for _english, chinese in TRANSLATIONS if old in chinese], f"say {new}"


@pytest.mark.parametrize("english, chinese", AGREED.items())
def test_the_agreed_word_is_used(english, chinese):
    assert catalogue()[english] == chinese


@pytest.mark.parametrize("english, chinese", SAID.items())
def test_what_is_shown_is_called_by_its_name_in_both_languages(english, chinese):
    said = [translation for sentence, translation in TRANSLATIONS if english in sentence]
    assert said
    assert all(chinese in translation.replace("*", "") for translation in said)
