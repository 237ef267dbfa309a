package simulate

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// sortWords are the sorts of segments as people write them.
var sortWords = map[string]Sorts{
	"SYN": SYNs, "SYN-ACK": SYNACKs, "SYN,ACK": SYNACKs, "SYNACK": SYNACKs, "ACK": ACKs, "DATA": Texts, "TEXT": Texts,
	"FIN": FINs, "FIN-ACK": FINs, "FIN,ACK": FINs, "RST": RSTs,
}

var senderWords = map[string]Senders{"originator": OfOriginator, "responder": OfResponder}

const (
	sorts = "SYN, SYN-ACK, ACK, DATA, FIN or RST"
	sides = "originator or responder"
)

// ParseMatch reads which packets are meant: parts joined by colons, each a side
// (originator, responder), a sort of segment (SYN, SYN-ACK, ACK, DATA, FIN, RST),
// a count (2: the second; 2..4; 2..: from the second on) or a percentage (5%),
// and behind an @ when they are sent (@5s: from then on; @5s..10s). "all", or
// nothing, means all of them.
func ParseMatch(text string) (Match, error) {
	var m Match
	which, span, timed := strings.Cut(text, "@")
	if timed {
		var err error
		if m.Since, m.Before, err = parseSpan(span); err != nil {
			return Match{}, err
		}
	}
	if which == "" || which == "all" {
		return m, nil
	}
	for _, part := range strings.Split(which, ":") {
		if err := m.parsePart(part); err != nil {
			return Match{}, err
		}
	}
	return m, nil
}

func (m *Match) parsePart(part string) error {
	if sender, ok := senderWords[strings.ToLower(part)]; ok {
		m.From = sender
		return nil
	}
	if sort, ok := sortWords[strings.ToUpper(part)]; ok {
		m.Sorts |= sort
		return nil
	}
	if percent, ok := strings.CutSuffix(part, "%"); ok {
		return m.parseChance(percent)
	}
	if part != "" && '0' <= part[0] && part[0] <= '9' {
		return m.parseCount(part)
	}
	return fmt.Errorf("%q is no sort of segment (%s), no side (%s), no count (2, 2..4, 2..) and no percentage (5%%)", part, sorts, sides)
}

func (m *Match) parseChance(percent string) error {
	n, err := strconv.ParseFloat(percent, 64)
	if err != nil || !(n > 0 && n <= 100) {
		return fmt.Errorf("%q%% is no percentage; give one above 0%% and up to 100%%", percent)
	}
	m.Chance = n / 100
	return nil
}

func (m *Match) parseCount(text string) error {
	first, last, open := strings.Cut(text, "..")
	var err, errLast error
	m.First, err = strconv.Atoi(first)
	switch {
	case !open:
		m.Last = m.First
	case last != "":
		m.Last, errLast = strconv.Atoi(last)
	}
	if err != nil || errLast != nil || m.First < 1 || m.Last != 0 && m.Last < m.First {
		return fmt.Errorf("%q is no count; write 2 for the second, 2..4, or 2.. for all from the second on", text)
	}
	return nil
}

// parseSpan reads "5s" (from then on) or "5s..10s".
func parseSpan(text string) (since, before time.Duration, err error) {
	first, last, closed := strings.Cut(text, "..")
	if since, err = parseTime(first); err != nil {
		return 0, 0, err
	}
	if closed && last != "" {
		if before, err = parseTime(last); err != nil {
			return 0, 0, err
		}
		if before <= since {
			return 0, 0, fmt.Errorf("%q ends before it begins", text)
		}
	}
	return since, before, nil
}

func parseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no length of time; write 50ms, 2s or 5m", text)
	}
	return d, nil
}

// ParseRule reads a rule that loses, duplicates or delays: for Lose "WHICH", for
// Duplicate "WHICH" or "WHICH=LATER", for Delay "TIME" or "WHICH=TIME", where TIME
// may be a range such as 50ms..80ms. WHICH is what ParseMatch reads.
func ParseRule(deed Deed, text string) (Rule, error) {
	which, value, valued := cutLast(text, "=")
	if deed == Delay && !valued {
		which, value, valued = "", text, true
	}
	if deed == Lose && valued {
		return Rule{}, fmt.Errorf("%q takes no value behind =", text)
	}
	rule := Rule{Do: deed}
	var err error
	if rule.On, err = ParseMatch(which); err != nil || !valued {
		return rule, err
	}
	least, most, ranged := strings.Cut(value, "..")
	if rule.By, err = parseTime(least); err != nil || !ranged {
		return rule, err
	}
	longest, err := parseTime(most)
	if err == nil && longest <= rule.By {
		err = fmt.Errorf("%q ends before it begins", value)
	}
	rule.Jitter = longest - rule.By
	return rule, err
}

// cutLast is strings.Cut around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
