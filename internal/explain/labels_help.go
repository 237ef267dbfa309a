package explain

// helpLabels are the words around the help of a command.
var helpLabels = map[string]sentence{
	"help-usage":    always("Usage:"),
	"help-examples": always("Examples:"),
	"help-commands": always("Commands:"),
	"help-flags":    always("Flags:"),
	"help-global":   always("Flags of every command:"),
	"help-default":  always("%[1]s (default %[2]s)"),
	"help-more":     always("\"%[1]s COMMAND --help\" tells more of a command."),
}

var helpLabelsZhCN = map[string]string{
	"help-usage":    "用法：",
	"help-examples": "示例：",
	"help-commands": "命令：",
	"help-flags":    "参数：",
	"help-global":   "所有命令共有的参数：",
	"help-default":  "%[1]s（默认 %[2]s）",
	"help-more":     "用 \"%[1]s COMMAND --help\" 查看某个命令的详情。",
}

var helpLabelsZhTW = map[string]string{
	"help-usage":    "用法：",
	"help-examples": "範例：",
	"help-commands": "命令：",
	"help-flags":    "參數：",
	"help-global":   "所有命令共有的參數：",
	"help-default":  "%[1]s（預設 %[2]s）",
	"help-more":     "用 \"%[1]s COMMAND --help\" 查看某個命令的詳情。",
}
