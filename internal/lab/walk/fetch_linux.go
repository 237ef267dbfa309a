package walk

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/lab"
)

// fetch asks for a page with curl, or with Go's own client where there is none.
func fetch(ctx context.Context, from *lab.Namespace, at netip.AddrPort) (string, error) {
	if path, err := exec.LookPath("curl"); err == nil {
		return fetchWithCurl(ctx, path, from, at)
	}
	return fetchWithGo(ctx, from, at)
}

func fetchWithCurl(ctx context.Context, path string, from *lab.Namespace, at netip.AddrPort) (string, error) {
	var body, said strings.Builder
	curl := exec.CommandContext(ctx, path, "--silent", "--show-error", "--noproxy", "*", "--max-time", strconv.Itoa(int(moment.Seconds())), "http://"+at.String()+"/")
	curl.Stdout, curl.Stderr = &body, &said
	if err := from.Do(curl.Start); err != nil {
		return "", fmt.Errorf("curl: %w", err)
	}
	if err := curl.Wait(); err != nil {
		return "", fmt.Errorf("curl: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return body.String(), nil
}

func fetchWithGo(ctx context.Context, from *lab.Namespace, at netip.AddrPort) (string, error) {
	client := http.Client{Timeout: moment, Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(from, at) },
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at.String()+"/", nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// dial connects from the namespace. Go's own dialler would open the socket where
// its goroutine happens to run.
func dial(from *lab.Namespace, to netip.AddrPort) (net.Conn, error) {
	fd := -1
	err := from.Do(func() (err error) {
		if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP); err != nil {
			return err
		}
		return unix.Connect(fd, sockaddr(to))
	})
	if fd < 0 {
		return nil, fmt.Errorf("socket(): %w", err)
	}
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close()
	if err != nil {
		return nil, fmt.Errorf("connect(): %w", err)
	}
	return net.FileConn(file) // its own copy of the descriptor
}
