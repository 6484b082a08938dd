"""What the YAML parser complains of, in Chinese: a part of its English sentence, and what a person reads instead."""

from __future__ import annotations

REASONS = {
    "mapping values are not allowed": "此处不应再出现冒号（缩进不对，或文字里的冒号没有加引号）",
    "could not find expected ':'": "缺少冒号（键后面应有半角冒号和空格）",
    "did not find expected key": "缩进不齐，或上一行的引号、括号没有配对",
    "did not find expected ',' or ']'": "方括号没有配对，或缺少逗号",
    "did not find expected ',' or '}'": "花括号没有配对，或缺少逗号",
    "found unexpected end of stream": "引号没有配对，文件就结束了",
    "did not find expected '-' indicator": "列表的缩进不齐",
    "found character that cannot start any token": "不能以该字符开头（例如制表符、@ 或反引号）",
    "did not find expected node content": "缺少内容",
    "block sequence entries are not allowed": "此处不能写列表（应另起一行并缩进）",
    "did not find expected alphabetic or numeric character": "* 和 & 在 YAML 中有特殊含义，文字请加引号",
    "found a tab character": "缩进用了制表符，请改用空格",
    "found unknown escape character": "双引号里的 \\ 有特殊含义：请改用单引号，或写两个 \\",
    "did not find expected hexdecimal number": "双引号里的 \\x、\\u 后面应为编号：请改用单引号",
    "found invalid Unicode character": "双引号里的 \\u 编号不是一个字符：请改用单引号",
    "did not find expected <document start>": "“...” 之后不能再写内容",
    "found unknown directive name": "行首的 % 在 YAML 中有特殊含义，请加引号",
}
