package main

import (
	"fmt"
	"strings"

	clusterpb "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corepb "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointpb "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	routepb "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	tlspb "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/types/known/structpb"

	"istio.io/istio/pilot/pkg/xds/endpoints"
)

// way is how a call leaves its client.
type way struct {
	// ownTLS says that what looks like TLS is the application's, which both ends understand.
	ownTLS   bool
	wire     string
	identity string
	// http says whether the client's proxy handled it as HTTP, and so asks for it in the TLS handshake.
	http bool
	why  []string
}

func (p *controlPlane) send(c call) way {
	sent := p.sendAsIs(c)
	if c.Payload == "tls" && sent.wire == "plaintext" {
		sent.wire, sent.ownTLS = "tls", true
	}
	return sent
}

func (p *controlPlane) sendAsIs(c call) way {
	client := p.pod(c.Client)
	if isAmbient(client) {
		return p.sendThroughZtunnel(c)
	}
	if p.proxy(c.Client) == nil {
		return way{wire: "plaintext", why: []string{"the client has no proxy"}}
	}
	sidecar := p.sidecar(c.Client)
	address, port, host := p.dialled(c)
	found := sidecar.outboundListener(address, port)
	if c.ServerFirst && found.waits(port) {
		return way{wire: "lost", why: []string{"listener " + found.listener.Name + " waits for the client's bytes"}}
	}
	asked := connection{port: port, address: address, transport: "raw_buffer", protocols: sniffed(c)}
	if c.Payload == "tls" {
		asked.transport = "tls"
	}
	chain := found.match(asked)
	if chain == nil {
		return way{wire: "lost", why: []string{"no filter chain of " + found.listener.Name}}
	}
	name, http := chain.cluster(), false
	if chain.http != nil && c.Payload != "http" {
		return way{wire: "lost", why: []string{"listener " + found.listener.Name + " takes HTTP alone"}}
	}
	if chain.http != nil {
		name, http = routed(sidecar.routes(chain), fmt.Sprintf("%s:%d", host, port), c.Path), true
	}
	result := p.overCluster(c, name)
	result.http = http
	result.why = append([]string{"listener " + found.listener.Name, "cluster " + name}, result.why...)
	return result
}

// dialled is the address, the port and the name that the application connects to.
func (p *controlPlane) dialled(c call) (string, uint32, string) {
	server := p.pod(c.Server)
	if c.Service == "" {
		return server.Status.PodIP, c.TargetPort, server.Status.PodIP
	}
	service := p.services[podName{c.Server.Namespace, c.Service}]
	host := fmt.Sprintf("%s.%s.svc.cluster.local", service.Name, service.Namespace)
	if service.Spec.ClusterIP == "None" {
		return server.Status.PodIP, c.ServicePort, host
	}
	return service.Spec.ClusterIP, c.ServicePort, host
}

// sniffed is what the HTTP inspector finds in plaintext.
func sniffed(c call) []string {
	if c.Payload == "http" {
		return []string{"http/1.1"}
	}
	return nil
}

// routed is the cluster of the first route that matches.
func routed(config *routepb.RouteConfiguration, host, path string) string {
	for _, virtualHost := range config.GetVirtualHosts() {
		for _, domain := range virtualHost.Domains {
			if domain == host || domain == host[:strings.LastIndex(host, ":")] {
				return firstRoute(virtualHost, path)
			}
		}
	}
	for _, virtualHost := range config.GetVirtualHosts() {
		if len(virtualHost.Domains) == 1 && virtualHost.Domains[0] == "*" {
			return firstRoute(virtualHost, path)
		}
	}
	return ""
}

func firstRoute(virtualHost *routepb.VirtualHost, path string) string {
	for _, route := range virtualHost.Routes {
		if strings.HasPrefix(path, route.GetMatch().GetPrefix()) {
			return route.GetRoute().GetCluster()
		}
	}
	return ""
}

func (p *controlPlane) overCluster(c call, name string) way {
	cluster := p.sidecar(c.Client).clusters[name]
	if cluster == nil || name == "BlackHoleCluster" {
		return way{wire: "lost", why: []string{"there is no such cluster"}}
	}
	metadata, found := p.endpointMetadata(c, cluster)
	if !found {
		return way{wire: "lost", why: []string{"the cluster has no such endpoint"}}
	}
	socket := cluster.TransportSocket
	for _, match := range cluster.TransportSocketMatches {
		if matchesAll(match.Match, metadata) {
			socket = match.TransportSocket
			break
		}
	}
	return p.overSocket(c, socket)
}

// endpointMetadata is what transport sockets are chosen by; clusters that keep the dialled address have none.
func (p *controlPlane) endpointMetadata(c call, cluster *clusterpb.Cluster) (*structpb.Struct, bool) {
	if cluster.GetType() == clusterpb.Cluster_ORIGINAL_DST {
		return nil, true
	}
	builder := endpoints.NewEndpointBuilder(cluster.Name, p.proxy(c.Client), p.PushContext())
	wanted := fmt.Sprintf("%s:%d", p.pod(c.Server).Status.PodIP, c.TargetPort)
	for _, locality := range builder.BuildClusterLoadAssignment(p.Discovery.Env.EndpointIndex).Endpoints {
		for _, one := range locality.LbEndpoints {
			if addressOf(one) == wanted {
				return one.GetMetadata().GetFilterMetadata()["envoy.transport_socket_match"], true
			}
		}
	}
	return nil, false
}

func addressOf(one *endpointpb.LbEndpoint) string {
	address := one.GetEndpoint().GetAddress()
	if internal := address.GetEnvoyInternalAddress(); internal != nil {
		return internal.GetEndpointId()
	}
	return fmt.Sprintf("%s:%d", address.GetSocketAddress().GetAddress(), address.GetSocketAddress().GetPortValue())
}

func matchesAll(wanted, metadata *structpb.Struct) bool {
	for key, value := range wanted.GetFields() {
		if metadata.GetFields()[key].GetStringValue() != value.GetStringValue() {
			return false
		}
	}
	return true
}

func (p *controlPlane) overSocket(c call, socket *corepb.TransportSocket) way {
	switch socket.GetName() {
	case "", "envoy.transport_sockets.raw_buffer":
		return way{wire: "plaintext"}
	case "envoy.transport_sockets.internal_upstream":
		return way{wire: "hbone", identity: p.identityOf(c.Client), why: []string{"tunnel"}}
	case "envoy.transport_sockets.tls":
		context := &tlspb.UpstreamTlsContext{}
		if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
			p.t.Fatal(err)
		}
		for _, certificate := range context.GetCommonTlsContext().GetTlsCertificateSdsSecretConfigs() {
			if certificate.Name == "default" {
				return way{wire: "mtls", identity: p.identityOf(c.Client)}
			}
		}
		return way{wire: "tls"}
	}
	p.t.Fatalf("transport socket %s", socket.GetName())
	return way{}
}
