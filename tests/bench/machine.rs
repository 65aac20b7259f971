//! What the figures were measured on. A figure without its machine says nothing.

use std::fs;

/// Prints processor, kernel, load and profile.
pub fn print() -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?;
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown processor");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let profile = if cfg!(debug_assertions) { "a debug build: its times mean nothing" } else { "an optimised build" };
    println!("{cores} cores, {}, Linux {}", model.trim_start_matches([' ', '\t', ':']), kernel.trim());
    println!("load before the start {}, {profile}", load());
    Ok(())
}

/// The load average over one minute, as the kernel says it.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}
