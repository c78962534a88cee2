package main

import (
	"fmt"
	"slices"

	clusterpb "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listenerpb "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routepb "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcmpb "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcppb "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/proto"
)

// sidecar is what istiod sends to one proxy.
type sidecar struct {
	plane     *controlPlane
	name      podName
	listeners []*listenerpb.Listener
	clusters  map[string]*clusterpb.Cluster
}

func (p *controlPlane) sidecar(name podName) *sidecar {
	if p.sidecars[name] == nil {
		made := &sidecar{plane: p, name: name, listeners: p.Listeners(p.proxy(name)), clusters: map[string]*clusterpb.Cluster{}}
		for _, cluster := range p.Clusters(p.proxy(name)) {
			made.clusters[cluster.Name] = cluster
		}
		p.sidecars[name] = made
	}
	return p.sidecars[name]
}

// outboundListener is the one for the address and port, else for all addresses of the port, else for what nobody knows.
func (s *sidecar) outboundListener(address string, port uint32) chains {
	var other, all *listenerpb.Listener
	for _, listener := range s.listeners {
		socket := listener.GetAddress().GetSocketAddress()
		switch {
		case listener.Name == "virtualOutbound":
			all = listener
		case listener.Name == "virtualInbound" || socket.GetPortValue() != port:
		case socket.GetAddress() == address:
			return chains{listener, s.plane}
		case socket.GetAddress() == "0.0.0.0":
			other = listener
		}
	}
	if other != nil {
		return chains{other, s.plane}
	}
	return chains{all, s.plane}
}

func (s *sidecar) inboundListener() chains {
	for _, listener := range s.listeners {
		if listener.Name == "virtualInbound" {
			return chains{listener, s.plane}
		}
	}
	s.plane.t.Fatalf("%v has no inbound listener", s.name)
	return chains{}
}

func (s *sidecar) routes(chain *chain) *routepb.RouteConfiguration {
	if inline := chain.http.GetRouteConfig(); inline != nil {
		return inline
	}
	name := chain.http.GetRds().GetRouteConfigName()
	for _, config := range s.plane.RoutesFromListeners(s.plane.proxy(s.name), s.listeners) {
		if config.Name == name {
			return config
		}
	}
	return nil
}

// connection is what filter chains are chosen by.
type connection struct {
	port      uint32
	address   string
	transport string
	protocols []string
}

// chains are the filter chains of one listener.
type chains struct {
	listener *listenerpb.Listener
	plane    *controlPlane
}

// chain is one of them; it proxies HTTP or TCP.
type chain struct {
	*listenerpb.FilterChain
	http *hcmpb.HttpConnectionManager
	tcp  *tcppb.TcpProxy
}

func (c *chain) cluster() string { return c.tcp.GetCluster() }

// match chooses as Envoy does: each criterion in turn keeps those that name what it is, else those that name nothing.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
func (l chains) match(conn connection) *chain {
	left := l.listener.FilterChains
	left = narrow(left, func(m *listenerpb.FilterChainMatch) (bool, bool) {
		return m.GetDestinationPort() != nil, m.GetDestinationPort().GetValue() == conn.port
	})
	left = narrow(left, func(m *listenerpb.FilterChainMatch) (bool, bool) {
		return len(m.GetPrefixRanges()) > 0, slices.ContainsFunc(m.GetPrefixRanges(), within(conn.address))
	})
	left = narrow(left, func(m *listenerpb.FilterChainMatch) (bool, bool) { return len(m.GetServerNames()) > 0, false })
	left = narrow(left, func(m *listenerpb.FilterChainMatch) (bool, bool) {
		return m.GetTransportProtocol() != "", m.GetTransportProtocol() == conn.transport
	})
	left = narrow(left, func(m *listenerpb.FilterChainMatch) (bool, bool) {
		isAsked := func(one string) bool { return slices.Contains(conn.protocols, one) }
		return len(m.GetApplicationProtocols()) > 0, slices.ContainsFunc(m.GetApplicationProtocols(), isAsked)
	})
	if len(left) > 1 {
		l.plane.t.Fatalf("several filter chains of %s match %v: %s", l.listener.Name, conn, asJSON(names(left)))
	}
	if len(left) == 0 && l.listener.DefaultFilterChain == nil {
		return nil
	}
	return l.open(append(left, l.listener.DefaultFilterChain)[0])
}

func narrow(all []*listenerpb.FilterChain, test func(*listenerpb.FilterChainMatch) (names, matches bool)) []*listenerpb.FilterChain {
	var specific, general []*listenerpb.FilterChain
	for _, one := range all {
		named, matched := test(one.GetFilterChainMatch())
		if named && matched {
			specific = append(specific, one)
		}
		if !named {
			general = append(general, one)
		}
	}
	if len(specific) > 0 {
		return specific
	}
	return general
}

func names(all []*listenerpb.FilterChain) (found []string) {
	for _, one := range all {
		found = append(found, fmt.Sprint(one.Name, one.FilterChainMatch))
	}
	return found
}

func (l chains) open(raw *listenerpb.FilterChain) *chain {
	opened := &chain{FilterChain: raw}
	for _, filter := range raw.Filters {
		switch filter.Name {
		case "envoy.filters.network.http_connection_manager":
			opened.http = unpack(l.plane, filter.GetTypedConfig(), &hcmpb.HttpConnectionManager{})
		case "envoy.filters.network.tcp_proxy":
			opened.tcp = unpack(l.plane, filter.GetTypedConfig(), &tcppb.TcpProxy{})
		}
	}
	return opened
}

func unpack[T proto.Message](p *controlPlane, from interface{ UnmarshalTo(proto.Message) error }, into T) T {
	if err := from.UnmarshalTo(into); err != nil {
		p.t.Fatal(err)
	}
	return into
}
