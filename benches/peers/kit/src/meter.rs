use std::time::Instant;

use crate::alloc::{alloc_counts, counting};
use crate::args::Args;

#[derive(Clone, Copy, Default)]
struct Usage {
    user: f64,
    sys: f64,
    nvcsw: i64,
    nivcsw: i64,
}

/// VmHWM: ru_maxrss would carry over the size of the process that forked us.
fn peak_rss_kb() -> i64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|s| {
            s.lines()
                .find(|l| l.starts_with("VmHWM"))
                .and_then(|l| l.split_whitespace().nth(1)?.parse().ok())
        })
        .unwrap_or(0)
}

fn usage() -> Usage {
    let mut r = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call writes one `rusage`, for which all zeros are a value too.
    let r = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, r.as_mut_ptr());
        r.assume_init()
    };
    let f = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    Usage {
        user: f(r.ru_utime),
        sys: f(r.ru_stime),
        nvcsw: r.ru_nvcsw,
        nivcsw: r.ru_nivcsw,
    }
}

/// Measures from [`start`](Self::start) to [`finish`](Self::finish), the whole process.
pub struct Meter {
    began: Instant,
    usage: Usage,
    allocs: (u64, u64),
}

impl Meter {
    pub fn start(args: &Args) -> Self {
        counting(args.count_allocs);
        Self {
            allocs: alloc_counts(),
            usage: usage(),
            began: Instant::now(),
        }
    }

    /// Stops and prints one line of JSON. `times` are those of single round trips, in nanoseconds.
    pub fn finish(self, args: &Args, messages: u64, times: Option<&mut Vec<u64>>) {
        let seconds = self.began.elapsed().as_secs_f64();
        let (now, then) = (usage(), self.usage);
        let (allocs, bytes) = alloc_counts();
        counting(false);
        let (user, sys) = (now.user - then.user, now.sys - then.sys);
        let n = messages.max(1) as f64;
        let mut fields = vec![
            format!("\"client\":\"{}\"", args.client),
            format!("\"variant\":\"{}\"", args.variant),
            format!("\"mode\":\"{}\"", args.mode.name()),
            format!("\"size\":{}", args.size),
            format!("\"messages\":{messages}"),
            format!("\"seconds\":{seconds:.6}"),
            format!("\"msgs_per_s\":{:.1}", messages as f64 / seconds),
            format!("\"cpu_user_s\":{user:.4}"),
            format!("\"cpu_sys_s\":{sys:.4}"),
            format!("\"cpu_us_per_msg\":{:.4}", (user + sys) * 1e6 / n),
            format!("\"maxrss_kb\":{}", peak_rss_kb()),
            format!(
                "\"vcsw_per_msg\":{:.4}",
                (now.nvcsw - then.nvcsw) as f64 / n
            ),
            format!(
                "\"icsw_per_msg\":{:.4}",
                (now.nivcsw - then.nivcsw) as f64 / n
            ),
        ];
        if args.count_allocs {
            let (allocs, bytes) = (allocs - self.allocs.0, bytes - self.allocs.1);
            fields.push(format!("\"allocs_per_msg\":{:.4}", allocs as f64 / n));
            fields.push(format!("\"alloc_bytes_per_msg\":{:.1}", bytes as f64 / n));
        }
        if let Some(times) = times {
            times.sort_unstable();
            let last = times.len() - 1;
            let quantiles = [
                ("p50", 0.5),
                ("p90", 0.9),
                ("p99", 0.99),
                ("p999", 0.999),
                ("max", 1.0),
            ];
            for (name, part) in quantiles {
                let us = times[(last as f64 * part) as usize] as f64 / 1e3;
                fields.push(format!("\"lat_{name}_us\":{us:.2}"));
            }
        }
        println!("{{{}}}", fields.join(","));
    }
}
