// Diagnose looks at this host for five seconds and prints, as JSON, what its TCP
// connections suffer from.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/synoptic-net/synoptic"
	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/report"
)

func main() {
	seen, err := synoptic.Look(context.Background(), 5*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	if err := report.Write(os.Stdout, diagnose.Diagnose(seen), "en"); err != nil {
		log.Fatal(err)
	}
}
