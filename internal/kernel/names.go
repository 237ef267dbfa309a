package kernel

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// Services reads the TCP services of /etc/services, by name and alias. A file
// that cannot be read names nothing.
func (r Root) Services() map[string]uint16 {
	file, err := os.Open(r.path("etc/services"))
	if err != nil {
		return nil
	}
	defer file.Close()
	services := map[string]uint16{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		text, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) < 2 {
			continue
		}
		number, isTCP := strings.CutSuffix(fields[1], "/tcp")
		port, err := strconv.ParseUint(number, 10, 16)
		if !isTCP || err != nil {
			continue
		}
		for _, name := range append(fields[:1:1], fields[2:]...) {
			if _, known := services[name]; !known {
				services[name] = uint16(port)
			}
		}
	}
	return services
}
