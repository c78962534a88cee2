package main

import (
	"net/netip"
	"slices"

	corepb "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerpb "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	rbacconfig "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	rbachttp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	rbactcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	tlspb "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
)

func (p *controlPlane) receive(c call, sent way) answer {
	if isAmbient(p.pod(c.Server)) {
		return p.receiveByZtunnel(c, sent)
	}
	if p.proxy(c.Server) == nil {
		return answer{Accepted: sent.isReadable(), Allowed: true, Why: []string{"the server has no proxy"}}
	}
	if sent.wire == "hbone" {
		p.t.Fatalf("HBONE to a sidecar is not followed")
	}
	listener := p.sidecar(c.Server).inboundListener()
	if c.ServerFirst && sent.wire == "plaintext" && listener.waits(c.TargetPort) {
		return answer{Allowed: true, Why: []string{"the inbound listener waits for the client's bytes"}}
	}
	chain := listener.match(listener.inspected(c, sent))
	if chain == nil {
		return answer{Allowed: true, Why: []string{"no inbound filter chain"}}
	}
	why := []string{"inbound " + chain.Name + " " + asJSON(chain.FilterChainMatch)}
	if !p.handshakes(chain, sent) {
		return answer{Allowed: true, Why: append(why, "refused")}
	}
	if chain.http != nil && c.Payload != "http" {
		return answer{Allowed: true, Why: append(why, "takes HTTP alone")}
	}
	asked := request{call: c, sent: sent, clientIP: p.pod(c.Client).Status.PodIP, serverIP: p.pod(c.Server).Status.PodIP}
	allowed, by := asked.passes(p, chain)
	return answer{Accepted: true, Allowed: allowed, Why: append(why, by...)}
}

// inspected is what the listener filters find in the bytes, where they look at all.
func (l chains) inspected(c call, sent way) connection {
	found := connection{port: c.TargetPort, address: l.plane.pod(c.Server).Status.PodIP, transport: "raw_buffer"}
	isTLS := sent.wire != "plaintext"
	if isTLS && l.inspects("envoy.filters.listener.tls_inspector", c.TargetPort) {
		found.transport = "tls"
		if sent.wire == "mtls" && sent.http {
			found.protocols = []string{"istio-http/1.1"}
		} else if sent.wire == "mtls" {
			found.protocols = []string{"istio-peer-exchange", "istio"}
		}
	}
	if !isTLS && l.inspects("envoy.filters.listener.http_inspector", c.TargetPort) {
		found.protocols = sniffed(c)
	}
	return found
}

// waits says whether the listener must see bytes of the client before it goes on; Istio lets it wait for ever.
func (l chains) waits(port uint32) bool {
	if timeout := l.listener.GetListenerFiltersTimeout(); timeout != nil && timeout.AsDuration() > 0 {
		return false
	}
	return l.inspects("envoy.filters.listener.tls_inspector", port) || l.inspects("envoy.filters.listener.http_inspector", port)
}

func (l chains) inspects(name string, port uint32) bool {
	for _, filter := range l.listener.ListenerFilters {
		if filter.Name == name {
			return filter.FilterDisabled == nil || !disabledAt(filter.FilterDisabled, port)
		}
	}
	return false
}

func disabledAt(predicate *listenerpb.ListenerFilterChainMatchPredicate, port uint32) bool {
	switch rule := predicate.Rule.(type) {
	case *listenerpb.ListenerFilterChainMatchPredicate_AnyMatch:
		return rule.AnyMatch
	case *listenerpb.ListenerFilterChainMatchPredicate_DestinationPortRange:
		return int32(port) >= rule.DestinationPortRange.Start && int32(port) < rule.DestinationPortRange.End
	case *listenerpb.ListenerFilterChainMatchPredicate_NotMatch:
		return !disabledAt(rule.NotMatch, port)
	case *listenerpb.ListenerFilterChainMatchPredicate_OrMatch:
		return slices.ContainsFunc(rule.OrMatch.Rules, func(one *listenerpb.ListenerFilterChainMatchPredicate) bool {
			return disabledAt(one, port)
		})
	case *listenerpb.ListenerFilterChainMatchPredicate_AndMatch:
		return !slices.ContainsFunc(rule.AndMatch.Rules, func(one *listenerpb.ListenerFilterChainMatchPredicate) bool {
			return !disabledAt(one, port)
		})
	}
	return false
}

// isReadable says whether the application reads what arrives as it was sent: it expects the TLS of other applications,
// and not that of proxies.
func (w way) isReadable() bool { return w.wire == "plaintext" || w.ownTLS }

// handshakes: a chain with TLS wants the mesh's certificate; one without hands on whatever it is.
func (p *controlPlane) handshakes(chain *chain, sent way) bool {
	if chain.GetTransportSocket() == nil {
		return sent.isReadable()
	}
	context := unpack(p, chain.GetTransportSocket().GetTypedConfig(), &tlspb.DownstreamTlsContext{})
	return sent.wire == "mtls" || (sent.wire == "tls" && !context.GetRequireClientCertificate().GetValue())
}

// passes walks through the RBAC filters of the chain: the first that refuses ends the call.
func (r request) passes(p *controlPlane, chain *chain) (bool, []string) {
	for _, filter := range chain.Filters {
		if filter.Name != "envoy.filters.network.rbac" {
			continue
		}
		config := unpack(p, filter.GetTypedConfig(), &rbactcp.RBAC{})
		if passed, by := r.passesRules(config.GetRules()); !passed {
			return false, []string{"network " + by}
		}
	}
	for _, filter := range chain.http.GetHttpFilters() {
		if filter.Name != "envoy.filters.http.rbac" {
			continue
		}
		config := unpack(p, filter.GetTypedConfig(), &rbachttp.RBAC{})
		if passed, by := r.passesRules(config.GetRules()); !passed {
			return false, []string{"http " + by}
		}
	}
	return true, nil
}

func (r request) passesRules(rules *rbacconfig.RBAC) (bool, string) {
	if rules == nil {
		return true, ""
	}
	matched := ""
	for name, policy := range rules.GetPolicies() {
		if r.matchesPolicy(policy) {
			matched = name
		}
	}
	switch rules.GetAction() {
	case rbacconfig.RBAC_ALLOW:
		return matched != "", "no ALLOW policy matches"
	case rbacconfig.RBAC_DENY:
		return matched == "", "DENY " + matched
	}
	return true, ""
}

func within(address string) func(*corepb.CidrRange) bool {
	return func(block *corepb.CidrRange) bool {
		ip, err := netip.ParseAddr(address)
		start, failed := netip.ParseAddr(block.GetAddressPrefix())
		if err != nil || failed != nil {
			return false
		}
		return netip.PrefixFrom(start, int(block.GetPrefixLen().GetValue())).Contains(ip)
	}
}
