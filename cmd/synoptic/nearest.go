package main

import "strings"

// nearest returns the name that begins with what was typed, or else contains it,
// "" if none does. Hyphens and case make no difference.
func nearest(typed string, names []string) string {
	fold := func(name string) string { return strings.ToLower(strings.ReplaceAll(name, "-", "")) }
	part := fold(typed)
	for _, like := range []func(s, part string) bool{strings.HasPrefix, strings.Contains} {
		for _, name := range names {
			if len(part) > 2 && like(fold(name), part) {
				return name
			}
		}
	}
	return ""
}
