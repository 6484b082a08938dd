"""Every message of the program by its code: how grave it is, its text, what to do. Each is documented and tested."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "unverified", "draft"]
"""error: exit code 1. unverified: a citation printed as 待核, counted. draft: only inside a draft campaign."""


class Kind(NamedTuple):
    """One kind of problem: how grave it is, its message and, unless the caller gives one, what to do."""

    severity: Severity
    message: str
    hint: str = ""


CATALOGUE: dict[str, Kind] = {
    # 1xx: the file as text and YAML
    "E101": Kind("error", "文件不存在或无法读取：{reason}", "请检查文件名和位置"),
    "E102": Kind("error", "文件过大（{size} 字节，上限 {limit} 字节）", "请确认选对了文件"),
    "E103": Kind("error", "文件不是 UTF-8 编码（像是 {guess}）", "请在记事本或 WPS 中另存为 UTF-8"),
    "E104": Kind("error", "YAML 语法错误：{reason}", "请检查缩进、冒号、引号和括号"),
    "E105": Kind("error", "同一层里重复的键 “{key}”，先前已在第 {first} 行出现", "请删去或改名其中一个"),
    "E106": Kind("error", "不支持锚点或引用（{text}）", "请把内容直接写出来"),
    "E107": Kind("error", "不支持标签 “{text}”", "请删去以 ! 开头的标签；文字请加引号"),
    "E108": Kind("error", "嵌套超过 {limit} 层", "请检查括号是否配对"),
    "E109": Kind("error", "一个文件只能有一份文档（出现了第二个 ---）", "请拆成两个文件"),
    "E110": Kind("error", "像是用了全角冒号：“{text}”", "请改成半角冒号加一个空格，例如 “名称: 内容”"),
    "E111": Kind("error", "“{text}” 会被当作注释而丢掉", "是注释请写成 “# 备注”（井号后空一格）；是内容请加引号"),
    "E112": Kind("error", "键只能是文字，这里是 {text}", "请给键加引号"),
    "E113": Kind("error", "文件里没有内容", "请按文档补全内容"),
    "E114": Kind("error", "含有不能使用的控制字符（{text}）", "请删去该字符"),
    "E115": Kind("error", "数字 “{text}” 超出可用范围", "请核对数值；编号类内容请加引号"),
    "E117": Kind("error", "冒号后面要空一格：“{text}”", "写成 “名称: 内容”；是一段文字请加引号"),
    "E118": Kind("error", "内容过多（超过 {limit} 个值）", "请确认选对了文件；确有这么多请分成几份"),
    "E119": Kind("error", "表格无法读取：{reason}", "请用 WPS 或 Excel 打开，另存为 .xlsx 或 CSV（UTF-8）后再试"),
    "E120": Kind("error", "表格过大：{what} {size}，上限 {limit}", "请删去无关的行、栏和工作表，或分成几份"),
    "E116": Kind("error", "核对记录无法读取：{reason}", "请用 tools/verify_law.py 重新生成，或取回原文件"),
    # 2xx: the shape of the content
    "E201": Kind("error", "缺少必填字段 “{key}”"),
    "E202": Kind("error", "“{text}” 不是规定的取值", "可用取值：{allowed}"),
    "E203": Kind("error", "此处应为{expected}，现在是{actual} “{text}”", "请改成要求的写法"),
    "E204": Kind("error", "未知的字段 “{key}”", "{suggestion}可用字段：{allowed}"),
    "E205": Kind("error", "“{text}” 的写法不对：{reason}", "请改成要求的写法"),
    "E206": Kind("error", "这里需要指明种类（字段 “{key}”）", "可用种类：{allowed}"),
    # 3xx: conditions and sentences
    "E301": Kind("error", "条件写法有误：{reason}", "{todo}"),
    "E302": Kind("error", "条件里不认识的名称 “{name}”", "{suggestion}"),
    "E303": Kind("error", "类型不符：{reason}", "{todo}"),
    "E304": Kind("error", "“{text}” 不是 “{label}” 的选项", "可用选项：{allowed}"),
    "E305": Kind("error", "条件过于复杂：{reason}", "请拆成几条"),
    "E306": Kind("error", "问题描述里不认识的占位 “{{{name}}}”", "可用占位：{allowed}"),
    # 4xx: files against each other
    "E401": Kind("error", "编号 “{id}” 重复，先前已在 {first} 定义", "编号一经使用不得重用，请另取"),
    "E402": Kind("error", "找不到 “{name}”（{what}）", "{suggestion}"),
    "E403": Kind("error", "规则 “{rule}” 缺少{what}的用例", "请在 cases 里补一条"),
    "E404": Kind("error", "用例不符：应为 {expected}，实际为 {actual}", "请核对条件或用例"),
    "E405": Kind("error", "{what}互相引用成环：{cycle}", "请去掉其中一处引用"),
    "E406": Kind("error", "文件名应与编号一致：应为 “{expected}”", "请改文件名或编号"),
    "E407": Kind("error", "检查表 “{site_type}” 没有安排主题 “{priority}” 的栏目", "请在 sections 中加入该主题"),
    "E408": Kind(
        "error",
        "行动 “{campaign}” 已发布，但内容与发布文件不一致：{what}",
        "确需修改请运行 chunfeng campaign release {campaign} --rules 本单位的规则目录；每次行动各发布一次",
    ),
    "E409": Kind("error", "找不到发布文件 {path}", "请先发布该行动，或取回该文件"),
    "E410": Kind("error", "发布文件与其文件名中的校验值不符：{path}", "文件已被改动，请取回原件"),
    "E411": Kind("error", "规则的编号前缀应为 “{expected}”", "编号写成 “主题.名称”"),
    "E412": Kind("error", "此命令要写入规则目录，须用 --rules 指明本单位的规则目录", "不能写入程序自带的规则"),
    "E413": Kind("error", "{what}的起止日期不连续或重叠：{reason}", "请核对日期"),
    "E414": Kind(
        "error", "文件名 “{name}” 不能用", "文件名应为小写英文单词、数字和连字符；副本请移到规则目录之外，或改名"
    ),
    "E415": Kind(
        "error",
        "没有命令会读取 {path}",
        "请放到 priorities、grids、laws、campaigns、calendars、wording、ledgers、clocks、grading、look-back、tables、"
        "summaries 或 checklists 里，扩展名用 .yaml；"
        "不是规则就移走",
    ),
    "E416": Kind("error", "主题 “{priority}” 已列入另一栏目 “{section}”", "一个主题只能放在一个栏目"),
    "E417": Kind("error", "无法把规则版本写入行动文件", "请把 status 单独写成一行 “status: draft”（不加引号），再发布"),
    "E418": Kind(
        "error",
        "方案条款 {clause} 没有落实：{quote}",
        "请在 {file} 的 answered_by 写明由什么落实，还没有做到的写 planned；检查项目、综合判断和期限自己写明条款",
    ),
    "E419": Kind("error", "规则 {rule} 不会列入任何一张检查表：{reason}", "请改正规则，或删去"),
    # 42x: rules that can be read and yet make no sense
    "E420": Kind(
        "error", "限制互相矛盾：“{first}” 与 “{second}” {reason}", "请核对两处的数值、日期或选项，改正其中一处"
    ),
    "E421": Kind("error", "条件 “{what}” 不可能成立：{reason}", "请核对数值、单位、答案的合理范围和选项；用不着的删去"),
    "E422": Kind("error", "条件 “{what}” 必然成立：{reason}", "请补上限制；确实一律如此的，改用是否题"),
    "E423": Kind("error", "{what}谁也问不到：{reason}", "请改正适用条件或单位类型；用不着的删去"),
    "E424": Kind(
        "error", "两条规则重叠：{first} 与 {second} 总是同时判为问题", "同一事实只判一次：请删去一条，或写明区别"
    ),
    "E426": Kind("error", "法律文书 “{name}” 没有被引用", "请在规则的 basis 里引用；用不着的移走"),
    "E427": Kind("error", "{what}重复：{second} 与 {first} 的文字相同", "请写明区别；是同一件事的，合成一条"),
    # 5xx: law
    "E501": Kind("error", "依据 “{cite}” 没有这个版本", "{suggestion}"),
    "E502": Kind("error", "{site_type} {item} 在 {day} 没有有效的{what}依据", "请补上当日有效版本的条文"),
    "D502": Kind("draft", "{site_type} {item} 在 {day} 没有有效的{what}依据", "发布前请补上当日有效版本的条文"),
    "E503": Kind("error", "依据 {cite} 没有核对记录", "请运行 tools/verify_law.py 重新核对"),
    "E504": Kind("error", "依据 {cite} 的核对记录已失效：{reason}", "请运行 tools/verify_law.py 重新核对"),
    "E505": Kind("error", "条号 {article} 超出该版本的条数（共 {articles} 条）", "请核对条号"),
    "V501": Kind("unverified", "待核：{cite}（{reason}；引用 {places} 处）", "取得当期原文后核对"),
    "V502": Kind("unverified", "待核：{cite}（本单位增加，没有核对记录）", "请用 tools/verify_law.py 对照原文核对"),
    # 6xx: answers
    "E601": Kind("error", "此表没有项目 “{key}”", "{suggestion}"),
    "E602": Kind("error", "项目 {code} 作答两次（“{first}” 与 “{second}”）", "请只保留一处"),
    "E603": Kind("error", "{code} 应填{expected}，现在填的是 “{text}”", "{todo}"),
    "E604": Kind("error", "{code} 没有选项 “{text}”", "可用选项：{allowed}"),
    "E605": Kind("error", "{code} 的 “{text}” 不是存在的日期", "请写成 2024-02-29 的样子"),
    "E606": Kind("error", "{code} 的数值 {text} 不合理（应在 {low} 到 {high} 之间）", "请核对单位和小数点"),
    "E607": Kind("error", "{code} 第 {row} 行缺少 “{column}”", "这一栏用来区分各行，必须填写；不清楚的填 “不明”"),
    "E608": Kind("error", "{code} 第 {row} 行与第 {first} 行重复（{key}）", "请合并或更正"),
    "E609": Kind("error", "{code} 没有栏目 “{key}”", "{suggestion}"),
    "E610": Kind("error", "{code} 没有列入本表（{reason}），不应作答", "如确有该项业务，请改正单位属性后重新出表"),
    "E611": Kind("error", "此答卷属于行动 “{campaign}”，与指定的 “{expected}” 不同", "请核对文件"),
    "E612": Kind(
        "error",
        "此答卷按旧版规则（规则版本 {old}…）填写，现行版本为 {new}…",
        "请用 answers carry 转到现行版本；要按原版本办理请加 --as-made",
    ),
    "E613": Kind("error", "没有行动 “{campaign}”", "{suggestion}"),
    "E614": Kind("error", "没有单位类型 “{site_type}”", "{suggestion}"),
    "E615": Kind("error", "行动 “{campaign}” 不涉及{site_type}", "如需日常检查表，请加 --routine"),
    "E616": Kind("error", "单位没有属性 “{key}”", "{suggestion}"),
    "E617": Kind("error", "此答卷的规则版本 {lock}… 不存在", "请取回 rules/releases 下的发布文件"),
    "E618": Kind("error", "{code} 内容过长（{length} 字，上限 {limit} 字）", "请分行或另附说明"),
    "E619": Kind("error", "结束时间 {end} 不晚于开始时间 {start}", "请核对起止时间"),
    "E620": Kind(
        "error", "检查表编号与内容不符（表上为 {given}，按规则应为 {expected}）", "请核对单位属性、日期，或重新出表"
    ),
    "E621": Kind("error", "{code} 答了“不适用”，又填了：{details}", "请核对：不适用就不要填其他栏，查过就不要填不适用"),
    "E622": Kind("error", "这是{given}，此命令要的是{expected}", "请换文件，或换命令"),
    "E625": Kind("error", "{code} 答了“是”，又勾选了：{details}", "请核对：符合就不要勾选，不符合请答“否”"),
    "E626": Kind("error", "上次检查日期 {earlier} 不早于本次检查日期 {day}", "请核对日期"),
    "E627": Kind("error", "上次的检查记录是 {given}，这次要查的是 {expected}", "请核对单位类型和文件"),
    "E624": Kind("error", "{code} 的{name} {number} 大于{other} {most}", "请核对这两个数"),
    "E623": Kind("error", "{campaign}在 {day} 没有一个项目有有效依据", "请核对日期"),
    "E628": Kind("error", "行动 “{campaign}” 没有报送单位 “{unit}”", "{suggestion}"),
    "E629": Kind("error", "找不到表头：没有一行写有 “单位名称”", "表头一行写各栏名称：单位名称、单位类型……"),
    "E630": Kind("error", "不认识的栏目 “{header}”", "{suggestion}用不着的栏目请删去，或改名 “备注”"),
    "E631": Kind("error", "栏目 “{header}” 重复，先前已在 {first}", "请只保留一栏"),
    "E632": Kind("error", "{header}：{reason}（“{text}”）", "{todo}"),
    "E633": Kind("error", "表中没有单位", "表头之下每行写一家单位"),
    "E634": Kind("error", "{header}没有填写", "{todo}"),
    # 7xx: records and papers
    "E640": Kind("error", "{code} 待确认：{why}", "请核对原件，用 answers confirm 定下后再判定"),
    "E641": Kind("error", "看不出 “{name}” 是哪一种答卷", "{todo}"),
    "E642": Kind("error", "这不是可以读取的答卷：{reason}", "{todo}"),
    "E643": Kind("error", "{name}：{reason}（“{text}”）", "{todo}"),
    "E644": Kind("error", "{code} {reason}", "{todo}"),
    "E645": Kind("error", "{what}：{reason}", "{todo}"),
    "E646": Kind("error", "这一格不是填写的地方（“{text}”）", "{todo}"),
    "E647": Kind("error", "{what} {reason} “{text}”", "{todo}"),
    "E650": Kind("error", "照片 “{name}” 不能读入：{reason}", "{todo}"),
    "E665": Kind(
        "error",
        "填写栏以外有{what}，程序只读填写栏",
        "请把内容填进相应的栏目（没有栏目的填在“其他问题”或备注），删去它，再保存",
    ),
    "E666": Kind("error", "生成的 ODK 表单没有通过 pyxform 的核对：{reason}", "表单没有写出；请把本消息交给维护人员"),
    "E655": Kind("error", "没有安装读取扫描件的组件 OpenCV，或者它不能用", "请安装：{command}。不能安装的，照纸面录入"),
    "E656": Kind(
        "error",
        "版面文件不能用：{reason}",
        "请用印这张表时 checklist --layout-out 写出的文件；按原来的资料重新生成也可以",
    ),
    "E657": Kind("error", "{reason}", "{todo}"),
    "E658": Kind("error", "扫描件不能用：{reason}", "{todo}"),
    "E701": Kind("error", "问题 {number} 已{status}，但没有写明{what}", "请补上办理人或理由"),
    "E702": Kind("error", "记录里的问题与答案不一致：{what}", "请用 record new 重新生成，或取回原文件"),
    "E703": Kind("error", "没有文书 “{name}”", "可用文书：{allowed}"),
    "E704": Kind("error", "没有字体能显示 “{around}” 中的 “{char}”（U+{code}）", "{todo}"),
    "E705": Kind("error", "排版所需的字体不存在", "{todo}"),
    "E707": Kind("error", "不应制作{paper}：{reason}", "请核对要制作的文书"),
    "E708": Kind(
        "error",
        "无法核对：{reason}",
        "只有 record print 打印的 PDF 带有附件；请取回原文件，截图和扫描件不行",
    ),
    "E710": Kind("error", "排版失败：{what}", "{todo}"),
    "E709": Kind("error", "{name} 没有印出：{reason}", "{todo}"),
    "E706": Kind("error", "排版组件缺失：{what}", "{todo}"),
    "E731": Kind(
        "error", "证据 {number}：文件名 “{file}” 不能用：{reason}", "文件与记录放在同一文件夹，file 只写文件名"
    ),
    "E732": Kind("error", "证据 {number}：读不到文件 “{file}”：{reason}", "请核对文件名；文件与记录放在同一文件夹"),
    "E733": Kind(
        "error",
        "证据 {number}：文件 “{file}” 与记录不符：记录的 SHA-256 是 {recorded}，文件现在是 {found}",
        "文件被改动过，或不是原来那个：请取回原件。不要改记录里的校验值",
    ),
    "E734": Kind("error", "证据 {number}：文件 “{file}” 过大（{size} 字节，上限 {limit} 字节）", "{todo}"),
    "E735": Kind("error", "证据 {number}：照片 “{file}” 不能用：{reason}", "{todo}"),
    "E736": Kind("error", "证据编号 {number} 重复（“{first}” 与 “{file}”）", "每件证据一个编号"),
    "E737": Kind("error", "文件 “{file}” 已是证据 {number}", "不要重复附上"),
    "E738": Kind("error", "记录里没有问题 {number}", "可用的序号：{allowed}"),
    "E739": Kind(
        "error", "无法把证据写入记录：{reason}", "记录没有改动；请把 evidence 写成每件一段的列表（- number: …）后再试"
    ),
    "E740": Kind(
        "error", "文书印有照片（证据 {numbers}），没有照片原件不能核对", "请用 --evidence 指明照片所在的文件夹"
    ),
    "E741": Kind(
        "error",
        "没有安装电子签名的组件 pyHanko，或者它不能用",
        "请安装：{command}。没有数字证书的，打印后手写签名，扫描件用 record attach 登记",
    ),
    "E742": Kind("error", "这份文书不能签名：{reason}", "{todo}"),
    "E743": Kind("error", "证书文件不能用：{reason}", "{todo}"),
    "E744": Kind("error", "证书文件的密码不对", "请重新输入；密码区分大小写，忘记密码的请向发证机构重新申领"),
    "E745": Kind("error", "根证书文件不能用：{reason}", "请向发证机构索取根证书（PEM 或 DER），用 --trust 给出"),
    "E746": Kind("error", "“{name}” 的手写签名图像不能用：{reason}", "{todo}"),
    "E751": Kind(
        "error",
        "不能核对页面：印本文书用的字体（{fonts}）不在这里",
        "请用 --bureau 指明印它时的本单位资料；字体文件须是同一份（SHA-256 相同）",
    ),
    "E752": Kind(
        "error",
        "本单位资料的 fonts.{role}：读不到字体 “{path}”：{reason}",
        "请核对路径；相对路径从本单位资料所在的文件夹算起",
    ),
    "E753": Kind(
        "error", "本单位资料的 fonts.{role}：“{path}” 不能用：{reason}", "请换成 .ttf、.otf 或 .ttc 的轮廓字体文件"
    ),
    # 8xx: inference
    "E801": Kind(
        "error",
        "推理结果不一致，已停止：规则 {rule}，单位 {site}",
        "两套推理的结论不同，结果没有写出；请把本消息交给维护人员",
    ),
    "E802": Kind("error", "推理组件不可用，已停止：{reason}", "请重新安装 durable_rules；结果没有写出"),
    # 9xx: writing
    "E810": Kind("error", "{folder} 已有内容，不能在这里建立工作目录", "请写一个还没有的文件夹，或空的文件夹"),
    "E811": Kind("error", "{folder} 不是工作目录", "请写 workspace init 建立的那个文件夹"),
    "E812": Kind(
        "error",
        "{folder} 是更新版本的程序用过的工作目录，或不是本程序的",
        "请用建立它的程序或更新的版本打开；没有改动任何内容",
    ),
    "E813": Kind(
        "error", "{folder} 不能读取：{reason}", "没有改动任何内容；请从最近的备份恢复，或把本消息交给维护人员"
    ),
    "E814": Kind("error", "{what}：{reason}", "{todo}"),
    "E815": Kind(
        "error", "{folder} 正被另一个程序占用，等了半分钟仍不能写入", "没有改动任何内容；请关闭另一个程序后再试"
    ),
    "E816": Kind("error", "{path} 不能用：{reason}", "{todo}"),
    "E817": Kind("error", "没有责任单位 “{unit}”", "{suggestion}增加责任单位用 workspace units add"),
    "E818": Kind("error", "责任单位 “{unit}” {reason}", "{todo}"),
    "E819": Kind("error", "办理记录里没有 {what}", "请核对类别、编号和日期"),
    # 850–879: tables that are filed
    "E850": Kind("error", "没有统计表 “{name}”", "{suggestion}"),
    "E851": Kind("error", "“{unit}” 用在这里不对：{reason}", "请改成要求的写法"),
    "E853": Kind("error", "统计表 {table} 没有栏目 “{name}”", "{suggestion}"),
    "E854": Kind("error", "勾稽关系不符，不能报送：{text}", "请核对记录和台账，改正以后再报"),
    "E855": Kind("error", "期间 {start} 至 {end} 不对", "应在行动第一天 {begin} 以后，结束不早于开始"),
    "E856": Kind(
        "error", "{unit} 的统计表 {table} 已报到 {day}", "截止日应晚于 {day}；改正以前报过的数在下一次报送里作更正"
    ),
    "E857": Kind("error", "{unit} 的本期各数都是 0", "确为零报告请加 --zero，没有填的手工数也按 0 报"),
    "E858": Kind("error", "{unit} 以前报过的数有变动，要写明理由：{text}", "请用 --why 写明更正的理由"),
    "E859": Kind("error", "没有这次报送：统计表 {table}，{unit}，第 {serial} 次", "用 table filings 查看有哪些"),
    "E860": Kind("error", "报送文件 {file} 不能用：{reason}", "请核对封面上的 SHA-256，让填报单位重新导出"),
    "E861": Kind(
        "error",
        "报送文件 {file} 的{what}是 {own}，与其他的（{other}）不同，不能汇总",
        "请让填报单位按同样的{what}重新报送",
    ),
    "E862": Kind("error", "{what}不一致，不能汇总：{text}", "请去掉不是这一次的文件"),
    "E863": Kind("error", "登记了 {unit} 的收到时间，但没有它的报送文件", "请核对单位名称，或补上文件"),
    "E864": Kind("error", "没有可以汇总的报送文件", "请写出各单位的报送文件"),
    "E865": Kind("error", "{unit} 的报送文件互相矛盾：{text}", "请问清楚以哪一份为准，去掉其余的"),
    "E866": Kind("error", "表格 “{text}” 不能用：{reason}", "请核对他们的表格和对照文件"),
    "E867": Kind("error", "对照文件是统计表 {table} 的，不是 {wanted} 的", "请用 table map 为 {wanted} 另做一份"),
    "E868": Kind(
        "error", "没有安装 python-docx，不能写 .docx", "请安装：pip install 'chunfeng[office]'；或用 -o 写成 .pdf"
    ),
    "E869": Kind("error", "没有小结、总结 “{name}”", "{suggestion}"),
    "E870": Kind("error", "开展情况 {file} 不能用：{reason}", "请用记事本写成文本文件，每段一行"),
    "E871": Kind(
        "error",
        "报送文件 {file} 是用另一版程序或规则目录写的，统计表 {table} 的栏目与这里的不同：{text}，不能汇总",
        "不必重新报送：两边换成同一版程序和规则目录，由填报单位把同一次报送再导出一次（table export）",
    ),
    # 88x: ledgers, findings, clocks, grading
    "E880": Kind("error", "没有台账 “{name}”", "{suggestion}"),
    "E881": Kind("error", "{header}：{reason}（“{text}”）", "{todo}"),
    "E882": Kind("error", "{title}：{header}没有填写", "{todo}"),
    "E883": Kind("error", "{title}没有栏目 “{name}”", "{suggestion}"),
    "E884": Kind("error", "没有编号为 “{id}” 的{what}", "{todo}"),
    "E885": Kind("error", "{title}：{key} 与 {other} 相同（{columns}）", "同一条不要登记两次；要改的请用 ledger edit"),
    "E886": Kind("error", "{id} {reason}", "{todo}"),
    "E887": Kind("error", "找不到{title}的表头：前 {rows} 行里没有一行写有 “{header}”", "{todo}"),
    "E888": Kind("error", "{what}：{reason}", "{todo}"),
    # 95x, 96x: campaigns compared, past answers judged again
    "E950": Kind(
        "error",
        "没有规则版本 “{text}”",
        "写成 行动@规则版本的前几位（不少于 6 位）；已有的规则版本：{known}",
    ),
    "E951": Kind(
        "error",
        "{where} 里没有可以重新判定的检查",
        "请写有已归档检查的工作目录、存放检查记录和答卷的文件夹，或者答卷文件",
    ),
    # 83x, 84x: register, visits, numbers
    "E830": Kind("error", "看不出表头：{reason}"),
    "E831": Kind("error", "{what}"),
    "E832": Kind("error", "{count} 行没有登记，原因写在 {target}", "请照最后一栏改正，再导入那个文件"),
    "E833": Kind("error", "没有{what} “{id}”"),
    "E834": Kind("error", "检查 {id} 的状态是 “{state}”，不能{step}", "{todo}"),
    "E835": Kind(
        "error",
        "{site} 本年度已安排或检查 {times} 次，上限 {cap} 次",
        "确须再查的，用 --over-cap 写明理由（投诉举报、复查等）",
    ),
    "E836": Kind("error", "{first} 和 {second}：{reason}", "请用 sites show 看清两家再定"),
    "E837": Kind("error", "检查 {id} 还不能归档：{what}", "补正记录后用 visits record 再收一次"),
    "E838": Kind("error", "不是检查 {id} 的{what}：{reason}", "请核对检查号和文件"),
    "E839": Kind("error", "{reason}"),
    "E840": Kind("error", "{field} “{text}”：{reason}", "{todo}"),
    "E841": Kind("error", "没有要印的检查：{reason}", "先用 visits add 安排检查，或改 --unit、--date"),
    "E842": Kind("error", "{site} 不能安排检查：{reason}", "请用 sites show 核对"),
    # 91x, 92x: rules in a workbook
    "E910": Kind("error", "这不是可以导入的规则工作簿：{what}", "请用 chunfeng rules export 导出，在导出的文件里改"),
    "E911": Kind("error", "“{column}”：{reason}", "{todo}"),
    "E912": Kind("error", "规则里没有 “{name}”", "“{column}”不能改；新增的行请把这一格清空。{suggestion}"),
    "E913": Kind("error", "“{name}” 有两行（前一行是第 {first} 行）", "复制出来的行，新增请清空“{column}”，否则删去"),
    "E914": Kind("error", "{item} 的“{column}”不能在表格里改（原来是 {old}）", "请改回原来的内容；要改请找懂规则的人"),
    "E915": Kind("error", "{item} 在导出以后已改为 {now}{who}，表里又改了这一格", "请重新导出，在新的表里改"),
    "E916": Kind("error", "{item} 改了{what}，没有写变更原因", "请在“变更原因”栏写明，例如 方案第二条第三项改为 20 ℃"),
    "E917": Kind("error", "新增的这一行缺少“{column}”", "请填上这一格；怎样填见“填写说明”页"),
    "E920": Kind("error", "没有文书 “{name}”", "请从“法规”页里选。{suggestion}没有收录的请找懂规则的人加"),
    "E921": Kind("error", "行动 {campaign} 已发布，规则不能再改", "请先建新的行动，导出新行动的规则来改"),
    # 97x: rules packs
    "E970": Kind("error", "{path}：看不出现在用哪一版规则：{reason}", "请把程序的压缩包重新解压到另一个文件夹"),
    "E971": Kind("error", "不是规则包，或规则包已损坏：{reason}", "请重新复制一份；仍不行请向发来的人索取"),
    "E972": Kind("error", "规则包没有启用：其中的规则有错误{made}", "请把列出的错误告诉发来的人；现在仍用原来的规则"),
    "E973": Kind(
        "error",
        "规则包没有启用：缺少现在有的发布 {missing}，按它办理的答卷和记录会打不开",
        "请向发来的人索取含有全部发布的规则包；现在仍用原来的规则",
    ),
    "E974": Kind("error", "没有可以撤回的规则包", "现在用的就是换之前的规则"),
    "E975": Kind("error", "这里的规则不能用规则包更换：{reason}"),
    # 98x: printers
    "E980": Kind("error", "不是 PDF 文件，没有送打印机", "表格、网页请用 WPS 或浏览器打开来打印；文书先写成 .pdf"),
    "E981": Kind(
        "error",
        "这台电脑上没有打印命令（lp、lpr），没有送打印机",
        "请双击打开 PDF，用阅读器的“打印”，选实际大小；或复制到 U 盘，在接着打印机的电脑上打印",
    ),
    "E982": Kind(
        "error",
        "打印机没有接受，{command} 的答复：{reason}",
        "请在系统的“设置—打印机”里添加打印机并设为默认，看它是否开着；也可以双击打开 PDF 来打印",
    ),
    "E901": Kind("error", "无法写入 {path}：{reason}", "请检查目录权限和磁盘空间"),
    # 930–949: next year's campaign, levels, scaffolds
    "E930": Kind("error", "不能建立行动 “{name}”：{reason}", "请改正后再建立；没有写出文件"),
    "E931": Kind("error", "行动 “{name}” 已经有了：{reason}", "不覆盖已有的文件；请核对，或另取名称，例如 2027-spring"),
    "E932": Kind("error", "方案不能拆成条款：{reason}", "请核对文件，只留下方案正文"),
    "E933": Kind("error", "方案文件 {path} 不能用：{reason}", "{todo}"),
    "E934": Kind("error", "条款不能这样写明：{name}：{reason}", "{todo}"),
    "E935": Kind("error", "上级的规则目录 {folder} 不能用：{reason}", "请核对 layer.yaml 的 superior"),
    "E936": Kind(
        "error",
        "{rule} 由{by}锁定（{why}），{what}",
        "只能更严，不能放宽；请去掉这处改动，或请上级解除锁定",
    ),
    "E937": Kind(
        "error",
        "上级的规则 {rule} 在本单位的文件里没有了",
        "请补回；确实不查的，在 layer.yaml 的 changes 里写 drop 和理由",
    ),
    "E938": Kind("error", "已经有了：{path}", "不覆盖已有的文件；请换一个名称，或直接修改它"),
    "E939": Kind("error", "不能增加 “{name}”：{reason}", "{todo}"),
    "D940": Kind(
        "draft",
        "待填：{text}",
        "请填好，删去 “待填” 的字样（行动文件的也可在规则表格里填）；发布前必须填完",
    ),
    "D941": Kind(
        "draft",
        "方案条款 {clause} 还没有人看过（kind: OPEN）：“{quote}”",
        "在规则表格的 “方案条款” 页，或用 chunfeng campaign map 写明由什么落实",
    ),
    "D942": Kind("draft", "对 {rule} 的改动没有作用：{what}", "请删去，或改成想要的内容"),
    "E940": Kind(
        "error", "行动 “{campaign}” 还不能发布：有 {count} 处没有填好", "用 chunfeng campaign todo {campaign} 列出"
    ),
    "E960": Kind(
        "error",
        "没有把决定写进记录：看不出应写在哪里",
        "记录没有改动；请用 record new 重新生成，或在 findings 里逐条写明",
    ),
}
