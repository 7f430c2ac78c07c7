"""The table of commands: where each is and what it does, in both languages; imports none of them."""

from typing import Final, NamedTuple

from engine.language import Text


class CommandEntry(NamedTuple):
    """Where a command is, and what it does."""

    place: str
    """`module:attribute`; imported only when the command is asked for."""
    en: str
    zh: str


COMMANDS: Final[dict[Text, dict[str, CommandEntry]]] = {
    Text("Begin", "开始"): {
        "init": CommandEntry(
            "commands.init:init",
            "Set up a new house: database, unit, officer, key",
            "新建：数据库、单位、人员、密钥",
        ),
        "demo": CommandEntry(
            "commands.demo:demo",
            "Play some months of 2019 in a new folder",
            "在新文件夹里演示2019年的几个月",
        ),
        "doctor": CommandEntry(
            "commands.doctor:doctor",
            "Look for what is wrong with this installation",
            "检查安装和数据库有无问题",
        ),
        "backup": CommandEntry(
            "commands.backup:backup",
            "Write a backup",
            "备份台账",
        ),
        "restore": CommandEntry(
            "commands.backup:restore",
            "Make the ledger from a backup",
            "用备份恢复台账",
        ),
        "upgrade": CommandEntry(
            "commands.upgrade:upgrade",
            "Bring the ledger to this version of the program",
            "将台账升级到本程序的版本",
        ),
        "adopt": CommandEntry(
            "commands.adopt:adopt",
            "Let the ledger work by workflows, lists, campaigns or formats in files",
            "采用文件或文件夹中的流程、列表、专项行动或台账格式",
        ),
        "database": CommandEntry(
            "commands.database:database",
            "Copy the ledger to another database; roles of the database",
            "将台账复制到另一数据库；数据库登录角色（PostgreSQL）",
        ),
        "completion": CommandEntry(
            "commands.console.completion:completion",
            "Print the completion script of a shell",
            "输出命令行补全脚本",
        ),
    },
    Text("Every day", "日常"): {
        "login": CommandEntry(
            "commands.login:login",
            "Log in with your password",
            "用口令登录",
        ),
        "logout": CommandEntry(
            "commands.login:logout",
            "Log out",
            "退出登录",
        ),
        "receive": CommandEntry(
            "commands.receive:receive",
            "Register a new case",
            "登记新线索",
        ),
        "import": CommandEntry(
            "commands.imports:import_",
            "Import a ledger kept in a spreadsheet",
            "导入电子表格台账",
        ),
        "headings": CommandEntry(
            "commands.imports:headings",
            "What was decided about the headings of imported ledgers",
            "导入台账时对表头所作的确认",
        ),
        "list": CommandEntry(
            "commands.listing:list_",
            "List cases",
            "列出事项",
        ),
        "show": CommandEntry(
            "commands.show:show",
            "Show a case, its history and what can be done next",
            "查看事项、经过和下一步",
        ),
        "advance": CommandEntry(
            "commands.advance:advance",
            "Take a case one step further",
            "办理下一步",
        ),
        "sign": CommandEntry(
            "commands.sign:sign",
            "Sign what is asked of you on a case",
            "对提请本人签字的内容签字",
        ),
        "decline": CommandEntry(
            "commands.sign:decline",
            "Refuse to sign what is asked of you on a case, with the reason",
            "对提请本人签字的内容不予签字，须写明理由",
        ),
        "note": CommandEntry(
            "commands.note:note",
            "Write something down about a case",
            "给事项加备注",
        ),
        "restrict": CommandEntry(
            "commands.restrict:restrict",
            "Let only named officers read a case",
            "限定可查阅事项的人员",
        ),
        "attach": CommandEntry(
            "commands.attach:attach",
            "Keep a file with a case",
            "给事项附文件",
        ),
        "case-file": CommandEntry(
            "commands.case_file:case_file",
            "Write the whole file of a case to print",
            "将一件事项的全部材料汇成一份可打印的案卷（一案一档）",
        ),
        "amend": CommandEntry(
            "commands.amend:amend",
            "Correct what was written, with a reason",
            "更正内容（须写原因）",
        ),
        "letter": CommandEntry(
            "commands.letter:letter",
            "Issue letters with their numbers",
            "编发移送函、催办单等文书",
        ),
        "link": CommandEntry(
            "commands.link:link",
            "Say that a case repeats an earlier one",
            "把重复线索关联到首件",
        ),
        "extend": CommandEntry(
            "commands.extend:extend",
            "Extend a deadline",
            "延长期限",
        ),
        "pause": CommandEntry(
            "commands.pause:pause",
            "Stop a deadline's clock",
            "暂停期限计时",
        ),
        "resume": CommandEntry(
            "commands.pause:resume",
            "Let a paused clock run again",
            "恢复计时",
        ),
        "hand-over": CommandEntry(
            "commands.hand_over:hand_over",
            "Hand a case over to another unit",
            "将事项连同其下属事项移交其他单位",
        ),
        "void": CommandEntry(
            "commands.void:void",
            "Void a mistaken entry",
            "作废误登（不删除）",
        ),
    },
    Text("Time", "时限"): {
        "today": CommandEntry(
            "commands.today:today",
            "What waits for you, the most urgent first",
            "我的待办，按紧急程度排列",
        ),
        "deadline": CommandEntry(
            "commands.deadline:deadline",
            "Deadlines",
            "期限",
        ),
        "sweep": CommandEntry(
            "commands.sweep:sweep",
            "Find every reminder that is due by now and record it, once",
            "巡检：找出应发而未记录的提醒并登记",
        ),
        "outbox": CommandEntry(
            "commands.outbox:outbox",
            "The outbox",
            "待发箱",
        ),
        "desk": CommandEntry(
            "commands.desk:desk",
            "Serve the ledger to browsers",
            "在浏览器中使用台账",
        ),
        "run": CommandEntry(
            "commands.run:run",
            "Keep watch until stopped",
            "值守直至停止",
        ),
        "calendar": CommandEntry(
            "commands.calendar:calendar",
            "The calendar of working days",
            "工作日历",
        ),
    },
    Text("Figures and papers", "统计和文书"): {
        "zero": CommandEntry(
            "commands.zero:zero",
            "Say whether a campaign is cleared to zero",
            "核对专项行动是否清零",
        ),
        "report": CommandEntry(
            "commands.report:report",
            "Report on a period",
            "按期生成报告",
        ),
    },
    Text("Papers", "材料"): {
        "export": CommandEntry(
            "commands.export:export",
            "Export ledgers and event logs",
            "导出台账和事件日志",
        ),
    },
    Text("The house", "内务"): {
        "unit": CommandEntry(
            "commands.unit:unit",
            "Units: add, list, rename, merge, close",
            "单位：新增、列出、更名、合并、停用",
        ),
        "officer": CommandEntry(
            "commands.officer:officer",
            "Officers and their roles",
            "人员及其角色",
        ),
        "receipt": CommandEntry(
            "commands.receipt:receipt",
            "Answer reporters without a name",
            "答复匿名举报人",
        ),
        "reporter": CommandEntry(
            "commands.reporter:reporter",
            "Open what is sealed, as the custodian",
            "由保管人启封举报人信息",
        ),
        "credential": CommandEntry(
            "commands.credential:credential",
            "What officers are known by, and what is demanded of them",
            "人员的身份凭据，以及对凭据的要求",
        ),
        "clock": CommandEntry(
            "commands.clock:clock",
            "Which clock dates what is written, and who may set it by hand",
            "以何时钟记录时间，可否手工设定",
        ),
        "journal": CommandEntry(
            "commands.journal:journal",
            "The journal: read it, verify it",
            "日志：查看、校验",
        ),
        "workflow": CommandEntry(
            "commands.workflow:group",
            "Workflows",
            "流程",
        ),
        "replay": CommandEntry(
            "commands.replay:replay",
            "Play an event log through a workflow",
            "将事件日志在流程中重演",
        ),
    },
}
"""Every command; `--help` is written from here without loading any."""
