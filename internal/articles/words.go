package articles

// Words are those that stand around the texts of one language.
type Words struct {
	Language string // its own name
	Colon    string // between a name and its text
	Comma    string // between the names of a list

	State, Needs, Window       string // what a cause leaves, and what it is judged from
	NoState, AnyState          string
	Background, Looks, Rivals  string
	Lab, Fixes, Never, Refuted string
	HostWide                   string // the family of causes that belong to no state

	AllCauses, IndexIntro, CauseCell, About string // of the index
	ListHint                                string // of the list in the terminal
	Generated                               string // of the source of a page
}

// WordsOf returns the words of a language, English where it has none.
func WordsOf(lang string) *Words {
	switch lang {
	case "zh-CN":
		return &wordsOfChina
	case "zh-TW":
		return &wordsOfTaiwan
	default:
		return &englishWords
	}
}

var englishWords = Words{
	Language: "English", Colon: ": ", Comma: ", ",
	State: "State", Needs: "Judged from", Window: "a window of a second or more",
	NoState: "it leaves no sockets here", AnyState: "any",
	Background: "Background", Looks: "How it looks", Rivals: "What it is mistaken for",
	Lab: "How to make it in the lab", Fixes: "How to fix it", Never: "What not to do", Refuted: "What would refute it",
	HostWide:  "The whole host",
	AllCauses: "All causes", CauseCell: "Cause", About: "What it is",
	IndexIntro: "Why connections pile up in a state, and what to do. `synoptic explain CAUSE` prints these pages in a terminal.",
	ListHint:   "\"synoptic explain CAUSE\" tells more about one of them.",
	Generated:  "Made from internal/articles by `make docs`: change it there.",
}

var wordsOfChina = Words{
	Language: "简体中文", Colon: "：", Comma: "、",
	State: "状态", Needs: "判断依据", Window: "至少 1 秒的观察窗口",
	NoState: "本机不留下套接字", AnyState: "任意状态",
	Background: "背景", Looks: "表现", Rivals: "容易与什么混淆",
	Lab: "如何在实验环境中重现", Fixes: "如何修复", Never: "不要做什么", Refuted: "什么能推翻它",
	HostWide:  "整台主机",
	AllCauses: "全部原因", CauseCell: "原因", About: "说明",
	IndexIntro: "连接为什么会堆积在某个状态，以及该怎么办。在终端中运行 `synoptic explain CAUSE --lang zh-CN`，可以看到同样的内容。",
	ListHint:   "要详细了解其中一个，请运行 synoptic explain CAUSE。",
	Generated:  "由 `make docs` 根据 internal/articles 生成，请在那里修改。",
}

var wordsOfTaiwan = Words{
	Language: "繁體中文", Colon: "：", Comma: "、",
	State: "狀態", Needs: "判斷依據", Window: "至少 1 秒的觀察時間",
	NoState: "本機不會留下 socket", AnyState: "任何狀態",
	Background: "背景", Looks: "看起來如何", Rivals: "容易和什麼混淆",
	Lab: "如何在實驗環境中重現", Fixes: "如何修正", Never: "不要做什麼", Refuted: "什麼能推翻它",
	HostWide:  "整台主機",
	AllCauses: "所有原因", CauseCell: "原因", About: "說明",
	IndexIntro: "連線為什麼會堆積在某個狀態，以及該怎麼辦。在終端機執行 `synoptic explain CAUSE --lang zh-TW`，可以看到同樣的內容。",
	ListHint:   "想深入了解其中一個，請執行 synoptic explain CAUSE。",
	Generated:  "由 `make docs` 依據 internal/articles 產生，請在那裡修改。",
}
