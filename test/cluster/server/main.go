// Command server is the API server that the cluster tests run against: etcd and kube-apiserver in one process, with
// kubectl beside them, built from their Go modules. Test tooling only; it listens on loopback.
package main

import (
	"fmt"
	"os"
)

const usage = `usage:
  server serve -dir DIR -port PORT -etcd-port PORT -peer-port PORT   run etcd and kube-apiserver until SIGTERM
  server compact -etcd-port PORT                                     drop every older revision, as kube-apiserver does
  server chart DIR [DIR OF A LIBRARY CHART]...                       render a Helm chart with its default values
  server kubectl ...                                                 kubectl`

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("%s", usage))
	}
	name := os.Args[1]
	if name == "kubectl" {
		os.Args = os.Args[1:]
		kubectl()
		return
	}
	run, known := map[string]func([]string) error{"serve": serve, "compact": compact, "chart": renderChart}[name]
	if !known {
		fail(fmt.Errorf("unknown command %q\n%s", name, usage))
	}
	if err := run(os.Args[2:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
