package simulate

import (
	"fmt"
	"time"
)

// Changes are changes to a Config in the words of people: what the flags of
// "synoptic simulate" say. The zero Changes change nothing.
type Changes struct {
	Lose      []string // see ParseRule
	Duplicate []string
	Delay     []string
	Reorder   []string // as Delay; without a time, what it takes to be overtaken
	Do        []string // see ParseAct
	Rewrite   string   // "there" or "both": a gateway on the way rewrites the destination, and the source of answers

	ForgetAfter time.Duration // of a firewall on the way; 0: there is none
	TimeWait    time.Duration // 2 MSL; 0: as the story has it
	Keepalive   time.Duration // 0: as the story has it
	For         time.Duration // Config.MaxTime; 0: as the story has it
	Seed        uint64
}

// held is how long a packet is held back for others to overtake it.
const held = 30 * time.Millisecond

// Apply returns the Config with the changes. The rules come in this order:
// rewriting, duplicating, losing, delaying, reordering, the firewall, then those
// of the Config. Errors name the flag and what it accepts.
func (ch Changes) Apply(c Config) (Config, error) {
	if err := ch.positive(); err != nil {
		return c, err
	}
	var rules []Rule
	if err := ch.rewrite(&c, &rules); err != nil {
		return c, err
	}
	for _, flag := range []struct {
		name  string
		deed  Deed
		texts []string
	}{{"duplicate", Duplicate, ch.Duplicate}, {"lose", Lose, ch.Lose}, {"delay", Delay, ch.Delay}} {
		for _, text := range flag.texts {
			rule, err := ParseRule(flag.deed, text)
			if err != nil {
				return c, fmt.Errorf("--%s %s: %w", flag.name, text, err)
			}
			if !c.sets(rule) {
				rules = append(rules, rule)
			}
		}
	}
	rules, err := ch.reorder(rules)
	if err != nil {
		return c, err
	}
	if ch.ForgetAfter > 0 {
		rules = append(rules, Rule{Do: Forget, By: ch.ForgetAfter})
	}
	c.Network = append(rules, c.Network...)
	ch.settings(&c)
	return c, ch.script(&c)
}

// positive refuses lengths of time below zero.
func (ch *Changes) positive() error {
	for name, length := range map[string]time.Duration{
		"forget-after": ch.ForgetAfter, "time-wait": ch.TimeWait, "keepalive": ch.Keepalive, "for": ch.For} {
		if length < 0 {
			return fmt.Errorf("--%s %v: give a length of time above zero, such as 50ms, 2s or 5m", name, length)
		}
	}
	return nil
}

// sets takes a delay for whole directions as the one that the Config has for
// them, rather than as one more.
func (c *Config) sets(rule Rule) bool {
	if rule.Do != Delay || rule.Jitter != 0 || rule.On != (Match{From: rule.On.From}) {
		return false
	}
	for side := range Side(2) {
		if rule.On.From == Anybody || rule.On.From == OfOriginator+Senders(side) {
			c.Delay[side] = rule.By
		}
	}
	return true
}

func (ch *Changes) reorder(rules []Rule) ([]Rule, error) {
	for _, text := range ch.Reorder {
		rule, err := ParseRule(Duplicate, text) // the time may be left out
		if err != nil {
			return nil, fmt.Errorf("--reorder %s: %w", text, err)
		}
		rule.Do = Delay
		if rule.By == 0 {
			rule.By = held
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func (ch *Changes) rewrite(c *Config, rules *[]Rule) error {
	there := Rule{Do: RewriteTarget, Old: PublicSocket, New: ResponderSocket}
	back := Rule{Do: RewriteSource, Old: ResponderSocket, New: PublicSocket}
	switch ch.Rewrite {
	case "":
		return nil
	case "there":
		*rules = append(*rules, there)
	case "both":
		*rules = append(*rules, there, back)
	default:
		return fmt.Errorf("--rewrite %s: choose there (the destination alone, as DNAT without SNAT does) or both (answers get the source that was dialled)", ch.Rewrite)
	}
	c.Ends[Originator].Foreign = PublicSocket
	return nil
}

func (ch *Changes) settings(c *Config) {
	for side := range c.Ends {
		end := &c.Ends[side]
		if ch.TimeWait > 0 {
			end.TimeWait = ch.TimeWait
		}
		if ch.Keepalive > 0 {
			end.Keepalive = ch.Keepalive
		}
	}
	if ch.For > 0 {
		c.MaxTime = ch.For
	}
	c.Seed += ch.Seed
}

func (ch *Changes) script(c *Config) error {
	script := c.Script[:len(c.Script):len(c.Script)]
	for _, text := range ch.Do {
		act, err := ParseAct(text)
		if err != nil {
			return fmt.Errorf("--do %s: %w", text, err)
		}
		script = append(script, act)
	}
	c.Script = script
	return nil
}
