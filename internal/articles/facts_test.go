package articles

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	counterName = regexp.MustCompile(`\b(?:TcpExt|IpExt|Tcp|TCP|Ip6|Ip|IP|Icmp6|Icmp|Listen|Syncookies|Embryonic)[A-Z][A-Za-z0-9]+\b|\b(?:ListenDrops|ListenOverflows)\b`)
	settingName = regexp.MustCompile(`\b(?:tcp|ip|nf_conntrack|gc|rp|net\.[a-z.]+)_?[a-z0-9_.]*_[a-z0-9_]+\b`)
)

// elsewhere are names that articles need and the program does not read.
var elsewhere = map[string]string{
	"tcp_tw_recycle":           "was taken out of Linux, and people still look for it",
	"tcp_abort_on_overflow":    "explained, and no rule asks for it",
	"tcp_mem":                  "what people raise instead of looking at orphans",
	"tcp_wmem":                 "what people raise where the peer does not read",
	"tcp_retries2":             "read by package fate",
	"tcp_metrics":              "a command of ip",
	"ip_no_pmtu_disc":          "what people switch off",
	"nf_conntrack_tcp_loose":   "set on the router of a scenario",
	"tcp_orphan_retries":       "read by package fate",
	"tcp_keepalive_time":       "read by package fate",
	"tcp_fin_timeout":          "read by package fate",
	"tcp_syn_retries":          "read by package fate",
	"TCPKeepAlive":             "of nstat, for the reader",
	"nf_conntrack_tcp_timeout": "the beginning of others",
	"TcpExtTCPAbort":           "the beginning of others",
}

// TestNamesExist: a counter or setting that an article names is one that the
// program knows too, or that stands above with its reason.
func TestNamesExist(t *testing.T) {
	known := namesInSource(t)
	eachArticle(t, func(t *testing.T, a Article) {
		texts := append(prose(a), a.Summary)
		for _, b := range a.Looks {
			texts = append(texts, b.Lines...)
		}
		for _, text := range texts {
			for _, name := range append(counterName.FindAllString(text, -1), settingName.FindAllString(text, -1)...) {
				short := name[strings.LastIndex(name, ".")+1:]
				if _, explained := elsewhere[short]; !known[short] && !explained {
					t.Errorf("%q stands in %q, and nothing else knows it", name, text)
				}
			}
		}
	})
}

// namesInSource gathers the names of counters and settings from the strings of the
// program.
func namesInSource(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	for _, folder := range []string{"diagnose", "fate", "host", "internal/kernel", "internal/explain"} {
		paths, err := filepath.Glob(top + folder + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok {
					for name := range strings.FieldsFuncSeq(unquoted(literal), notOfName) {
						known[name] = true
						for _, prefix := range []string{"TcpExt", "Tcp", "IpExt", "Ip"} {
							known[strings.TrimPrefix(name, prefix)] = true
						}
					}
				}
				return true
			})
		}
	}
	return known
}

// notOfName tells what separates names: not the underscore, but the dots of a
// setting.
func notOfName(r rune) bool {
	return r != '_' && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z')
}
