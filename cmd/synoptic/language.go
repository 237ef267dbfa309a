package main

import (
	"cmp"
	"os"
	"slices"

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
	if flag := cmd.Flag("lang").Value.String(); flag != "" {
		return explain.Language(flag)
	}
	return explain.LanguageOf(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")))
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
