// registry is a small OCI 1.1 registry for tests: blobs on disk, the referrers API, tags that may not move
// (as ECR and Harbor refuse it), and faults on demand under /_rig/faults. Loopback only, no credentials.
package main

import (
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"

	oci "github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "host:port to listen on")
	dir := flag.String("dir", "", "folder for blobs; empty keeps them in memory")
	immutable := flag.String("immutable", "", "regular expression of repository:tag that may not be moved")
	referrers := flag.Bool("referrers", true, "serve the referrers API; without it a registry of before OCI 1.1")
	flag.Parse()

	options := []oci.Option{oci.WithReferrersSupport(*referrers), oci.Logger(log.New(io.Discard, "", 0))}
	if *dir != "" {
		if err := os.MkdirAll(*dir, 0o755); err != nil {
			log.Fatal(err)
		}
		options = append(options, oci.WithBlobHandler(oci.NewDiskBlobHandler(*dir)))
	}
	handler := oci.New(options...)
	if *immutable != "" {
		pattern, err := regexp.Compile(*immutable)
		if err != nil {
			log.Fatalf("-immutable: %v", err)
		}
		handler = refuseMovedTags(handler, pattern)
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on %s", listener.Addr())
	log.Fatal(http.Serve(listener, newFaults(handler)))
}
