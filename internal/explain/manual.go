package explain

// Manual returns what the help says of a command at length ("synoptic lab run"), ""
// where English is asked for, which stands beside the command in the code, and where
// the help is a line only. Paragraphs are lines to be broken; what is indented is
// not.
func (l Language) Manual(command string) string {
	return (*manuals.in(l))[command]
}

var manuals = translated[map[string]string]{nil, manualsZhCN, manualsZhTW}
