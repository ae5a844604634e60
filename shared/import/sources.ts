// The registers that can be imported, by the name that `--source` takes. A new one is one file and one line here.
import { daochaCsv } from './daocha-csv.ts';
import { nycRestaurant } from './nyc-restaurant.ts';
import type { Source } from './source.ts';
import { torontoDinesafe } from './toronto-dinesafe.ts';
import { torontoHighriseFire } from './toronto-highrise-fire.ts';

export const SOURCES: readonly Source[] = [torontoHighriseFire, torontoDinesafe, nycRestaurant, daochaCsv];
