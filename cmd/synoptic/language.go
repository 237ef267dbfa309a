package main

import (
	"cmp"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// addLanguageFlag registers --lang for every verb.
func addLanguageFlag(root *cobra.Command) {
	var words []string
	for _, l := range explain.Languages() {
		words = append(words, string(l))
	}
	flag := newChoice("", words...)
	root.PersistentFlags().Var(flag, "lang", "language of what is said: en, zh-CN or zh-TW; of text by default that of the locale, of JSON English")
	_ = root.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // see complete
}

// languageOf is the language of text and pictures: the flag, else the locale.
func languageOf(cmd *cobra.Command) explain.Language {
	if flag := cmd.Flag("lang"); flag != nil && flag.Value.String() != "" {
		return explain.Language(flag.Value.String())
	}
	return localLanguage()
}

// localLanguage is the language of the locale.
func localLanguage() explain.Language {
	return explain.LanguageOf(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")))
}

// languageIn finds the language in arguments that were not read yet, or cannot be:
// what is wrong with a flag is said in the language of another.
func languageIn(args []string) explain.Language {
	named := localLanguage()
	for i, arg := range args {
		word, ok := strings.CutPrefix(arg, "--lang=")
		if !ok && arg == "--lang" && i+1 < len(args) {
			word, ok = args[i+1], true
		}
		if arg == "--" {
			break
		}
		if ok && slices.Contains(explain.Languages(), explain.Language(word)) {
			named = explain.Language(word)
		}
	}
	return named
}

// machineFormats are read by programs, which must not depend on a locale.
var machineFormats = []string{"json", "jsonl", "yaml", "csv"}

// documentLanguage is the language of a document in a format.
func documentLanguage(cmd *cobra.Command, format string) explain.Language {
	if slices.Contains(machineFormats, format) && !cmd.Flag("lang").Changed {
		return explain.English
	}
	return languageOf(cmd)
}
