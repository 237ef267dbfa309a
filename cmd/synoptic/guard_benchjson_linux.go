package main

import (
	"math"
	"time"

	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// guardBench is the document of "guard bench -o json".
type guardBench struct {
	Schema     string         `json:"schema"`
	Kernel     string         `json:"kernel"`
	Processors int            `json:"processors"`
	Seconds    float64        `json:"seconds"`
	Rounds     int            `json:"rounds"`
	Frames     int            `json:"frames"`
	Costs      []benchCost    `json:"costs"`
	Services   []benchService `json:"services"`
	IPv6       []benchService `json:"services_ipv6,omitempty"`
	Peace      []benchService `json:"without_flood,omitempty"`
	Crowd      []benchService `json:"flash_crowd,omitempty"`
}

type benchCost struct {
	Defence   string    `json:"defence"`
	Title     string    `json:"title"`
	Frame     string    `json:"frame"`
	Layout    string    `json:"layout"`
	Net       float64   `json:"ns_per_frame"`
	Gross     []float64 `json:"gross_ns_per_frame"`
	PerCore   int       `json:"frames_per_second_per_core"`
	OfKernel  float64   `json:"share_of_kernel_cookies"`
	Answered  float64   `json:"answers_per_frame"`
	Generator float64   `json:"generator_ns"`
}

type benchService struct {
	Defence      string         `json:"defence"`
	Title        string         `json:"title"`
	SYNs         int            `json:"flood_syns_per_second"`
	Clients      int            `json:"clients"`
	FirstTry     int            `json:"first_try"`
	Ever         int            `json:"ever"`
	P50          float64        `json:"first_byte_p50_ms"`
	P99          float64        `json:"first_byte_p99_ms"`
	OptionsEqual int            `json:"options_equal"`
	Failures     map[string]int `json:"failures,omitempty"`
}

func benchDocument(r *bench.Report) guardBench {
	doc := guardBench{
		Schema: "synoptic.guard-bench/v1", Kernel: r.Kernel, Processors: r.Processors,
		Seconds: rounded(r.Took.Seconds(), 1), Rounds: r.Size.Rounds, Frames: r.Size.Frames,
		Services: benchServices(r.Services), IPv6: benchServices(r.IPv6), Peace: benchServices(r.Peace), Crowd: benchServices(r.Crowd),
	}
	for i := range r.Costs {
		c := &r.Costs[i]
		line := benchCost{Defence: c.ID, Title: c.Title, Frame: c.Frame, Layout: c.Layout, Net: rounded(c.Net, 1), PerCore: c.PerCore(), Answered: rounded(c.Answers, 3), Generator: rounded(c.Made, 1), OfKernel: rounded(r.OfKernel(c), 4)}
		for _, ns := range c.Gross {
			line.Gross = append(line.Gross, rounded(ns, 1))
		}
		doc.Costs = append(doc.Costs, line)
	}
	return doc
}

func benchServices(services []bench.Service) (lines []benchService) {
	for i := range services {
		s := &services[i]
		lines = append(lines, benchService{
			Defence: s.ID, Title: s.Title, SYNs: s.SYNs, Clients: s.Clients, FirstTry: s.FirstTry, Ever: s.Ever,
			P50: milliseconds(s.P50), P99: milliseconds(s.P99), OptionsEqual: s.SameKind, Failures: s.Why,
		})
	}
	return lines
}

func milliseconds(d time.Duration) float64 { return rounded(float64(d)/float64(time.Millisecond), 3) }

func rounded(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}
