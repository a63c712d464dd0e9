# The two commands of README.md in a container, and the installed program in a small one:
#
#   docker build --tag spider .
#   docker run --rm --volume "$PWD:/data" spider demo --out demo
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make
WORKDIR /spider
COPY . .
RUN make install PREFIX=/opt/spider

# What the program links to, as Scripts/install-dependencies has it for the build.
FROM debian:12-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libopenblas0-pthread \
  liblapacke libnifti2-2 libpng16-16 libjpeg62-turbo libtiff6 libgdcm3.0 zlib1g libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/spider /usr/local
WORKDIR /data
ENTRYPOINT ["spider"]
CMD ["--help"]
