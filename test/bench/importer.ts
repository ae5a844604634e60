// `daocha import` in a process of its own, which tells its peak memory when it is done. Arguments are those of the command.
import { run } from '../../infra/cli/import.ts';

const code = await run(process.argv.slice(2));
process.send!({ code, peakMegabytes: process.resourceUsage().maxRSS / 1024 });
process.disconnect();
