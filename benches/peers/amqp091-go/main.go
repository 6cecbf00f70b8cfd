// amqp091-go under the common command line.
//
// publish: PublishWithContext in turn. publish-confirm: NotifyPublish channel, --window open.
// consume(-ack): the delivery channel (+ Ack per message, or every --ack-every-th multiple).
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

var (
	url       = flag.String("url", "amqp://guest:guest@127.0.0.1:5673/%2f", "")
	mode      = flag.String("mode", "publish", "")
	count     = flag.Uint64("count", 100000, "")
	size      = flag.Int("size", 100, "")
	prefetch  = flag.Int("prefetch", 0, "")
	window    = flag.Uint64("window", 1000, "")
	ackEvery  = flag.Uint64("ack-every", 1, "")
	queue     = flag.String("queue", "", "")
	_         = flag.String("variant", "seq", "")
	cntAllocs = flag.Bool("count-allocs", false, "")
)

var (
	t0 time.Time
	r0 syscall.Rusage
	m0 runtime.MemStats
)

func tv(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)*1e-6 }

// ru_maxrss would carry over the size of the process that forked us
func peakRssKb() int64 {
	b, _ := os.ReadFile("/proc/self/status")
	for _, l := range strings.Split(string(b), "\n") {
		var v int64
		if n, _ := fmt.Sscanf(l, "VmHWM: %d", &v); n == 1 {
			return v
		}
	}
	return 0
}

func start() {
	runtime.ReadMemStats(&m0)
	syscall.Getrusage(syscall.RUSAGE_SELF, &r0)
	t0 = time.Now()
}

func finish(n uint64, lat []float64) {
	s := time.Since(t0).Seconds()
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u, y := tv(r.Utime)-tv(r0.Utime), tv(r.Stime)-tv(r0.Stime)
	nn := float64(n)
	fmt.Printf(`{"client":"amqp091-go","variant":"seq","mode":"%s","size":%d,"messages":%d,"seconds":%.6f,"msgs_per_s":%.1f,"cpu_user_s":%.4f,"cpu_sys_s":%.4f,"cpu_us_per_msg":%.4f,"maxrss_kb":%d,"vcsw_per_msg":%.4f,"icsw_per_msg":%.4f,"allocs_per_msg":%.3f,"alloc_bytes_per_msg":%.1f`,
		*mode, *size, n, s, nn/s, u, y, (u+y)*1e6/nn, peakRssKb(), float64(r.Nvcsw-r0.Nvcsw)/nn, float64(r.Nivcsw-r0.Nivcsw)/nn,
		float64(m.Mallocs-m0.Mallocs)/nn, float64(m.TotalAlloc-m0.TotalAlloc)/nn)
	if lat != nil {
		sort.Float64s(lat)
		q := func(p float64) float64 { return lat[int(float64(len(lat)-1)*p)] }
		fmt.Printf(`,"lat_p50_us":%.2f,"lat_p90_us":%.2f,"lat_p99_us":%.2f,"lat_p999_us":%.2f,"lat_max_us":%.2f`, q(.5), q(.9), q(.99), q(.999), q(1))
	}
	fmt.Println("}")
}

func ck(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	flag.Parse()
	if *queue == "" {
		switch *mode {
		case "publish", "publish-confirm":
			*queue = "sink"
		case "rpc-latency":
			*queue = "echo"
		default:
			*queue = fmt.Sprintf("src.%d.%d", *count, *size)
		}
	}
	conn, err := amqp.DialConfig(*url, amqp.Config{Heartbeat: 0, Locale: "en_US"})
	ck(err)
	ch, err := conn.Channel()
	ck(err)
	body := bytes.Repeat([]byte("x"), *size)
	ctx := context.Background()
	pub := func() { ck(ch.PublishWithContext(ctx, "", *queue, false, false, amqp.Publishing{Body: body})) }
	barrier := func() {
		_, err := ch.QueueDeclarePassive(*queue, false, false, false, false, nil)
		ck(err)
	}
	n := uint64(0)
	switch *mode {
	case "publish":
		start()
		for i := uint64(0); i < *count; i++ {
			pub()
		}
		barrier()
		finish(*count, nil)
	case "publish-confirm":
		acks := ch.NotifyPublish(make(chan amqp.Confirmation, *window))
		ck(ch.Confirm(false))
		start()
		acked := uint64(0)
		for i := uint64(0); i < *count; i++ {
			for i-acked >= *window {
				<-acks
				acked++
			}
			pub()
		}
		for acked < *count {
			<-acks
			acked++
		}
		finish(*count, nil)
	case "consume", "consume-ack":
		if *prefetch > 0 {
			ck(ch.Qos(*prefetch, 0, false))
		}
		ack := *mode == "consume-ack"
		start()
		d, err := ch.Consume(*queue, "ctag", !ack, false, false, false, nil)
		ck(err)
		for n < *count {
			m := <-d
			n++
			if len(m.Body) != *size {
				panic("size")
			}
			if ack && (*ackEvery <= 1 || n%*ackEvery == 0 || n == *count) {
				ck(m.Ack(*ackEvery > 1))
			}
		}
		if ack {
			barrier()
		}
		finish(n, nil)
	case "get":
		start()
		for n < *count {
			_, ok, err := ch.Get(*queue, true)
			ck(err)
			if !ok {
				break
			}
			n++
		}
		finish(n, nil)
	case "rpc-latency":
		d, err := ch.Consume(*queue, "ctag", true, false, false, false, nil)
		ck(err)
		lat := make([]float64, 0, *count)
		start()
		for n < *count {
			t := time.Now()
			pub()
			<-d
			lat = append(lat, float64(time.Since(t).Nanoseconds())/1e3)
			n++
		}
		finish(n, lat)
	}
	conn.Close()
}
