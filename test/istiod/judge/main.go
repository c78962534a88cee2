// Command judge says what istiod makes of worlds: it reads one JSON world a line, hands its objects to istiod's own
// configuration generation, follows each call through what is generated, and prints one line of answers a world.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
)

// world is one line of input.
type world struct {
	Objects []json.RawMessage `json:"objects"`
	// MeshConfig in JSON, as in the ConfigMap of istiod.
	MeshConfig json.RawMessage `json:"meshConfig"`
	Calls      []call          `json:"calls"`
}

type podName struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// call is one pod that calls another, through a Service or by the pod's own address.
type call struct {
	Client podName `json:"client"`
	Server podName `json:"server"`
	// Service is empty where the pod is called by its address.
	Service     string `json:"service"`
	ServicePort uint32 `json:"servicePort"`
	TargetPort  uint32 `json:"targetPort"`
	// Payload is http, tcp, or tls of the application's own.
	Payload string `json:"payload"`
	// ServerFirst says that the client waits for the server to say the first word.
	ServerFirst bool   `json:"serverFirst"`
	Method      string `json:"method"`
	Path        string `json:"path"`
}

// answer is what becomes of a call.
type answer struct {
	// Wire is plaintext, tls (not of the mesh), mtls, hbone, or lost where the client's proxy does not send it on.
	Wire string `json:"wire"`
	// Identity that the server sees; empty where it sees none.
	Identity string `json:"identity"`
	// Accepted says whether the server's proxy takes what arrives and the application can read it.
	Accepted bool `json:"accepted"`
	Allowed  bool `json:"allowed"`
	// Why names the listeners, clusters, filter chains and policies that were followed.
	Why []string `json:"why"`
}

func main() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		answers, err := judge(lines.Bytes())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
			os.Exit(1)
		}
	}
}

func judge(line []byte) (answers []answer, err error) {
	var asked world
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	failed := test.Wrap(func(t test.Failer) {
		server := newControlPlane(t, asked)
		for _, each := range asked.Calls {
			answers = append(answers, server.follow(each))
		}
	})
	return answers, failed
}

// follow sends the call from its client to its server.
func (p *controlPlane) follow(c call) answer {
	way := p.send(c)
	if way.wire == "lost" {
		return answer{Wire: way.wire, Why: way.why}
	}
	result := p.receive(c, way)
	result.Wire, result.Identity = way.wire, way.identity
	result.Why = append(way.why, result.Why...)
	return result
}
